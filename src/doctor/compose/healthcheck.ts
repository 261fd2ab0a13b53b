import type { Replace } from './interpolation.ts';
import { shellWords, type Word, wordsOf } from './words.ts';
import { isMap, type YamlPath } from './yaml-parts.ts';

/** The command that Docker runs in a container to ask whether it is well. */
export interface Healthcheck {
  /** `shell`: handed to `/bin/sh -c`; `exec`: the program itself. */
  kind: 'shell' | 'exec';
  words: readonly Word[];
  /** The whole command as one line. */
  text: string;
  path: YamlPath;
}

/** undefined when there is none, or when it is switched off. */
export function healthcheckOf(value: unknown, path: YamlPath, replace: Replace): Healthcheck | undefined {
  if (!isMap(value) || value.disable === true) return undefined;
  const at = [...path, 'test'];
  if (typeof value.test === 'string') {
    const text = replace(value.test);
    return {
      kind: 'shell',
      words: shellWords(text).map((word) => ({ text: word, path: at })),
      text,
      path: at,
    };
  }
  const [first, ...rest] = wordsOf(value.test, at, replace) ?? [];
  if (first === undefined || rest.length === 0 || first.text === 'NONE') return undefined;
  const text = rest.map((word) => word.text).join(' ');
  if (first.text === 'CMD') return { kind: 'exec', words: rest, text, path: at };
  if (first.text !== 'CMD-SHELL') return undefined;
  return {
    kind: 'shell',
    words: shellWords(text).map((word) => ({ text: word, path: rest[0]!.path })),
    text,
    path: at,
  };
}
