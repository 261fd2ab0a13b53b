import type { Replace } from './interpolation.ts';
import { textOf, type YamlPath } from './yaml-parts.ts';

/** One word of a command, with the path of the YAML value that it stands in. */
export interface Word {
  text: string;
  path: YamlPath;
}

/**
 * Words of a command line as a POSIX shell splits them: quotes and backslashes are taken away, variables are left. An
 * unfinished quote ends with the text.
 */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"' && '"\\$`'.includes(text[index + 1] ?? ' '))
        word += text[++index]!;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (character === '\\' && index + 1 < text.length) {
      index += 1;
      // A line that goes on behind a backslash.
      if (text[index] !== '\n') word = (word ?? '') + text[index]!;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** The words behind a program's own name, also within `sh -c "…"`; undefined when it is not called. */
export function argumentsOf(words: readonly Word[], program: RegExp): Word[] | undefined {
  const at = words.findIndex(({ text }) => program.test(text));
  if (at !== -1) {
    const rest = words.slice(at + 1);
    const end = rest.findIndex(({ text }) => /^(&&|\|\|?|;|&|>.*|2>.*)$/.test(text));
    return end === -1 ? rest : rest.slice(0, end);
  }
  const script = words.findIndex(({ text }) => /^-\w*c$/.test(text));
  if (script === -1 || !/(^|\/)(ba|da|a|z)?sh$/.test(words[script - 1]?.text ?? '')) return undefined;
  const inner = words[script + 1];
  if (inner === undefined) return undefined;
  // `a;b` is two commands to a shell.
  const separated = inner.text.replace(/;/g, ' ; ');
  return argumentsOf(
    shellWords(separated).map((text) => ({ text, path: inner.path })),
    program,
  );
}

/** A list of words, or one text that Compose splits like a shell. */
export function wordsOf(value: unknown, path: YamlPath, replace: Replace): Word[] | undefined {
  if (typeof value === 'string') return shellWords(replace(value)).map((text) => ({ text, path }));
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((item, index) => {
    const text = textOf(item);
    return text === undefined ? [] : [{ text: replace(text), path: [...path, index] }];
  });
}
