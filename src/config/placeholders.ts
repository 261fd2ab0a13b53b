import type { Stream } from '../topology/model.ts';
import { tokensOf } from '../topology/subjects.ts';

const BRACES = /\{[^{}]+\}/;

/**
 * Subjects that programs use, with a star for each word that holds a placeholder (`room-{id}.new` → `*.new`): no pattern
 * of NATS is narrower. A stream that is declared with such a word captures it as it stands, so there it is no placeholder.
 */
export function withoutPlaceholders(
  subjects: readonly string[],
  streams: readonly Pick<Stream, 'subjects'>[],
): readonly string[] {
  if (!subjects.some((subject) => BRACES.test(subject))) return subjects;
  const literal = new Set(streams.flatMap((stream) => stream.subjects.flatMap(tokensOf)));
  return subjects.map((subject) =>
    tokensOf(subject)
      .map((word) => (BRACES.test(word) && !literal.has(word) ? '*' : word))
      .join('.'),
  );
}
