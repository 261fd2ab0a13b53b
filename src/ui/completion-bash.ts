import { flagsOf, type Grammar, type GrammarOption, type Values } from './grammar.ts';
import { shellQuoted } from './variables.ts';

/**
 * Works with bash 3.2 (macOS) and without bash-completion. What comes from a project is compared, never given to
 * `compgen -W`, which would expand a `$(...)` in it.
 */
export function bashCompletion(grammar: Grammar): string {
  const { program, globals, verbs } = grammar;
  const taking = (options: readonly GrammarOption[]) => options.filter(({ value }) => value !== undefined);
  const valueCases = [
    ...taking(globals).map((option) => valueCase('*', option)),
    ...verbs.flatMap((verb) => taking(verb.options).map((option) => valueCase(verb.name, option))),
  ];
  const optionCases = verbs.map(
    (verb) => `    ${verb.name}) words=${shellQuoted(words([...verb.options, ...globals]))} ;;`,
  );
  const argumentCases = verbs
    .filter((verb) => verb.arguments.length > 0)
    .map((verb) => `    ${verb.name}) ${offer(verb.arguments[0]!.values)} ;;`);
  const globalsWithValue = taking(globals).flatMap(flagsOf).join('|');
  return `# bash completion for ${program}. Load it with: source <(${program} completion bash)
_${program}_offer() {
  local word
  for word in $1; do [[ $word == "$cur"* ]] && COMPREPLY+=("$word"); done
}
_${program}_ask() {
  local word
  while IFS= read -r word; do
    [[ -n $word && $word == "$cur"* ]] && COMPREPLY+=("$word")
  done < <("\${COMP_WORDS[0]}" "\${globals[@]}" completion --list "$1" 2>/dev/null)
}
_${program}_paths() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$1" -- "$cur")
  type compopt >/dev/null 2>&1 && compopt -o filenames
}
_${program}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb="" word words i
  local -a globals=(--no-color)
  COMPREPLY=()
  # bash splits --option=value into three words.
  if [[ $cur == "=" ]]; then cur=""
  elif [[ $prev == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      ${globalsWithValue})
        [[ \${COMP_WORDS[i+1]} == "=" ]] && ((i++))
        ((i + 1 < COMP_CWORD)) && globals+=("$word" "\${COMP_WORDS[i+1]}")
        ((i++)) ;;
      -*|=) ;;
      *) [[ -z $verb ]] && verb="$word" ;;
    esac
  done
  case "$verb $prev" in
${valueCases.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case "$verb" in
${optionCases.join('\n')}
    *) words=${shellQuoted(words(globals))} ;;
    esac
    _${program}_offer "$words"
    return
  fi
  case "$verb" in
    "") _${program}_offer ${shellQuoted(verbs.map(({ name }) => name).join(' '))} ;;
${argumentCases.join('\n')}
  esac
}
complete -F _${program} ${program}
`;

  function valueCase(verb: string, option: GrammarOption): string {
    const prefix = verb === '*' ? '*' : `"${verb}"`;
    const patterns = flagsOf(option).map((flag) => `${prefix}" ${flag}"`);
    return `    ${patterns.join('|')}) ${offer(option.value!)}; return ;;`;
  }

  function offer(values: Values): string {
    switch (values.kind) {
      case 'one-of':
        return `_${program}_offer ${shellQuoted(values.values.join(' '))}`;
      case 'file':
        return `_${program}_paths -f`;
      case 'directory':
        return `_${program}_paths -d`;
      case 'services':
      case 'probes':
        return `_${program}_ask ${values.kind}`;
      case 'free':
        return ':';
    }
  }
}

const words = (options: readonly GrammarOption[]): string =>
  options.flatMap((option) => option.long ?? option.short ?? []).join(' ');
