import { flagsOf, type Grammar, type GrammarOption, type GrammarVerb, type Values } from './grammar.ts';
import { shellQuoted } from './variables.ts';

export function zshCompletion({ program, globals, verbs }: Grammar): string {
  const described = verbs.map((verb) => `    ${shellQuoted(`${colons(verb.name)}:${verb.summary}`)}`);
  return `#compdef ${program}
# zsh completion for ${program}. Load it with: source <(${program} completion zsh)
# or write it to a file named _${program} in a folder of $fpath.
_${program}_ask() {
  local -a found globals
  globals=(--no-color)
  local flag value
  for flag in ${globals
    .filter(({ value }) => value !== undefined)
    .flatMap(flagsOf)
    .join(' ')}; do
    value="\${opt_args[$flag]:-\${before[$flag]}}"
    [[ -n $value ]] && globals+=($flag "$value")
  done
  found=(\${(f)"$("\${_${program}_command:-${program}}" $globals completion --list $@[-1] 2>/dev/null)"})
  compadd "\${@[1,-2]}" -a found
}
_${program}_verbs() {
  local -a verbs
  verbs=(
${described.join('\n')}
  )
  _describe -t verbs verb verbs
}
_${program}() {
  local curcontext="$curcontext" state line _${program}_command="$words[1]"
  # \`before\` keeps the options that stand before the verb.
  typeset -A opt_args before
  local -a globals
  globals=(
${globals.flatMap((option) => specs(option)).join('\n')}
  )
  _arguments -C $globals '(-)1: :_${program}_verbs' '(-)*:: :->rest'
  [[ $state == rest ]] || return
  before=("\${(@kv)opt_args}")
  case $words[1] in
${verbs.map(verbCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _${program} ]]; then
  _${program} "$@"
elif (( $+functions[compdef] )); then
  compdef _${program} ${program}
fi
`;

  function verbCase(verb: GrammarVerb): string {
    const places = verb.arguments.map(
      (argument) =>
        `      ${shellQuoted(`${argument.variadic ? '*' : ''}:${argument.name}:${action(argument.values)}`)}`,
    );
    const all = [...verb.options.flatMap((option) => specs(option)), ...places];
    return `  ${verb.name})\n    _arguments $globals \\\n${all.join(' \\\n')} ;;`.replace(' \\\n ;;', ' ;;');
  }

  function specs(option: GrammarOption): string[] {
    const value = option.value === undefined ? '' : `:value:${action(option.value)}`;
    return flagsOf(option).map(
      (flag) => `      ${shellQuoted(`${flag}[${brackets(option.summary)}]${value}`)}`,
    );
  }

  function action(values: Values): string {
    switch (values.kind) {
      case 'one-of':
        return `(${values.values.join(' ')})`;
      case 'file':
        return '_files';
      case 'directory':
        return '_files -/';
      case 'services':
      case 'probes':
        return `_${program}_ask ${values.kind}`;
      case 'free':
        return ' ';
    }
  }
}

const brackets = (text: string): string => text.replace(/[[\]\\:]/g, '\\$&');
const colons = (text: string): string => text.replaceAll(':', '\\:');
