import { flagsOf, type Grammar, type GrammarOption, type Values } from './grammar.ts';

export function fishCompletion({ program, globals, verbs }: Grammar): string {
  const noVerb = `test -z (__${program}_verb)`;
  const takingValue = globals
    .flatMap((option) => (option.value === undefined ? [] : flagsOf(option)))
    .join(' ');
  const lines = [
    `# fish completion for ${program}. Load it with: ${program} completion fish | source`,
    `function __${program}_verb`,
    '  set -l skip no',
    '  for word in (commandline -opc)[2..]',
    '    if test $skip = yes',
    '      set skip no',
    `    else if contains -- $word ${takingValue}`,
    '      set skip yes',
    "    else if not string match -q -- '-*' $word",
    '      echo $word',
    '      return',
    '    end',
    '  end',
    '  echo ""',
    'end',
    `function __${program}_ask`,
    '  set -l words (commandline -opc)',
    '  set -l globals --no-color',
    '  for index in (seq 2 (count $words))',
    `    if contains -- $words[$index] ${takingValue}`,
    '      set -l next (math $index + 1)',
    '      test $next -le (count $words); and set -a globals $words[$index] $words[$next]',
    '    end',
    '  end',
    '  $words[1] $globals completion --list $argv[1] 2>/dev/null',
    'end',
    `complete -c ${program} -f`,
    ...globals.map((option) => optionLine(option, '')),
    ...verbs.map(
      (verb) =>
        `complete -c ${program} -n ${quoted(noVerb)} -a ${quoted(verb.name)} -d ${quoted(verb.summary)}`,
    ),
    ...verbs.flatMap((verb) => {
      const seen = `-n ${quoted(`test (__${program}_verb) = ${verb.name}`)} `;
      return [
        ...verb.options.map((option) => optionLine(option, seen)),
        ...verb.arguments.slice(0, 1).flatMap((argument) => {
          const what = offer(argument.values);
          return what === '' ? [] : [`complete -c ${program} ${seen}${what}`];
        }),
      ];
    }),
  ];
  return `${lines.join('\n')}\n`;

  function optionLine(option: GrammarOption, condition: string): string {
    const names = [
      ...(option.short === undefined ? [] : [`-s ${option.short.slice(1)}`]),
      ...(option.long === undefined ? [] : [`-l ${option.long.slice(2)}`]),
    ].join(' ');
    const value = option.value === undefined ? '' : ` -r ${offer(option.value)}`.trimEnd();
    return `complete -c ${program} ${condition}${names}${value} -d ${quoted(option.summary)}`;
  }

  function offer(values: Values): string {
    switch (values.kind) {
      case 'one-of':
        return `-f -a ${quoted(values.values.join(' '))}`;
      case 'file':
        return '-F';
      case 'directory':
        return `-f -a ${quoted('(__fish_complete_directories)')}`;
      case 'services':
      case 'probes':
        return `-f -a ${quoted(`(__${program}_ask ${values.kind})`)}`;
      case 'free':
        return '-f';
    }
  }
}

/** Inside single quotes fish reads only `\\` and `\'`. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
