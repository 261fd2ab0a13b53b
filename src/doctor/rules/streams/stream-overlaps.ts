import { findOverlaps, type Overlap } from '../../../topology/subjects.ts';
import type { StaticFacts } from '../../facts.ts';
import { onceFor } from '../../once.ts';
import type { WrittenStream } from '../../written/stream.ts';
import { writtenStreams } from '../../written/streams.ts';

/** One subject of one stream that there is or will be: of a family, of one of its members. */
export interface MemberCapture {
  stream: WrittenStream;
  /** Name of the stream itself. */
  member: string;
  pattern: string;
  item: number;
}

/**
 * What each account's streams capture. Two descriptions of one stream that say the same count once: what makes them
 * differ is told by other rules.
 */
export function capturesByAccount(facts: StaticFacts): readonly (readonly MemberCapture[])[] {
  const accounts = new Map<string, Map<string, MemberCapture>>();
  for (const stream of writtenStreams(facts)) {
    const own = accounts.get(stream.account) ?? new Map<string, MemberCapture>();
    accounts.set(stream.account, own);
    for (const [index, { stream: member, pattern, item }] of stream.captured.entries()) {
      const described = `${member} ${pattern}`;
      const known = own.get(described);
      // Twice within one description is a mistake of its own.
      const key = known?.stream === stream ? `${described} ${index}` : described;
      if (!own.has(key)) own.set(key, { stream, member, pattern, item });
    }
  }
  return [...accounts.values()].map((own) => [...own.values()]);
}

/** Told in one run; one that many streams share would fill the screen. */
const MOST = 500;

export const overlapsOf = onceFor((captures: readonly MemberCapture[]): readonly Overlap<MemberCapture>[] =>
  findOverlaps(captures, { limit: MOST }),
);
