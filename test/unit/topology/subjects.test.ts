import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlappingPairs } from '../../../src/topology/subject-pairs.ts';
import { pairsBySplitting } from '../../../src/topology/subject-splits.ts';
import { SubjectTree } from '../../../src/topology/subject-tree.ts';
import {
  commonSubject,
  covers,
  findOverlaps,
  intersects,
  matches,
  patternProblem,
  reservedFor,
  subjectProblem,
  withStar,
  withStarsOf,
} from '../../../src/topology/subjects.ts';

/** Patterns of at most four words over a, b, *, >. */
const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 3 }), fc.constantFrom('a', 'b', '*', '>'))
  .map(([head, last]) => [...head, last].join('.'));

/** Every subject of at most five words over a, b, and a word that no pattern names: enough to tell any two apart. */
const subjects = [1, 2, 3, 4, 5].flatMap((length) =>
  Array.from({ length: 3 ** length }, (_, n) =>
    Array.from({ length }, (_, at) => 'abx'[Math.floor(n / 3 ** at) % 3]).join('.'),
  ),
);

/** The definition, word by word, as a regular expression. */
function oracle(text: string): Set<string> {
  const source = text
    .split('.')
    .map((token) => (token === '*' ? '[^.]+' : token === '>' ? '.+' : token))
    .join('\\.');
  return new Set(subjects.filter((subject) => new RegExp(`^${source}$`).test(subject)));
}

describe('against every subject of a small alphabet', () => {
  it('matches', () => {
    fc.assert(
      fc.property(pattern, (text) => {
        const expected = oracle(text);
        for (const subject of subjects) expect(matches(text, subject)).toBe(expected.has(subject));
      }),
    );
  });

  it('covers and intersects', () => {
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const [left, right] = [oracle(a), oracle(b)];
        const common = [...left].filter((subject) => right.has(subject));
        expect(covers(a, b)).toBe([...right].every((subject) => left.has(subject)));
        expect(intersects(a, b)).toBe(common.length > 0);
        const example = commonSubject(a, b);
        expect(example === null).toBe(common.length === 0);
        if (example !== null) expect(common).toContain(example);
      }),
      { numRuns: 400 },
    );
  });

  it('finds every pair that overlaps, and each once', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 14 }), (patterns) => {
        const expected = patterns.flatMap((b, at) =>
          patterns.slice(0, at).flatMap((a, before) => (intersects(a, b) ? [`${before} ${at}`] : [])),
        );
        for (const pairs of [
          overlappingPairs(patterns, 1_000),
          pairsBySplitting(patterns, 1_000),
          // However few there are, they are split.
          pairsBySplitting(patterns, 1_000, 1),
        ]) {
          const found = pairs.map((pair) => pair.join(' '));
          expect(found.sort()).toEqual(expected.sort());
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('SubjectTree, against every subject of a small alphabet', () => {
  const patterns = fc.array(pattern, { maxLength: 8 });
  const treeOf = (known: readonly string[]): SubjectTree<string> => {
    const tree = new SubjectTree<string>();
    for (const text of known) tree.add(text, text);
    return tree;
  };

  it('finds what crosses and what covers', () => {
    fc.assert(
      fc.property(patterns, pattern, (known, asked) => {
        const [tree, wanted] = [treeOf(known), oracle(asked)];
        const expected = (test: (set: ReadonlySet<string>) => boolean) =>
          known.filter((text) => test(oracle(text))).sort();
        expect([...tree.crossing(asked)].sort()).toEqual(
          expected((set) => [...wanted].some((subject) => set.has(subject))),
        );
        expect([...tree.covering(asked)].sort()).toEqual(
          expected((set) => [...wanted].every((subject) => set.has(subject))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('knows what patterns cover together', () => {
    fc.assert(
      fc.property(patterns, pattern, (known, asked) => {
        const together = new Set(known.flatMap((text) => [...oracle(text)]));
        expect(treeOf(known).coversAll(asked)).toBe(
          [...oracle(asked)].every((subject) => together.has(subject)),
        );
      }),
      { numRuns: 500 },
    );
    expect(treeOf(['a.*', 'a.*.>']).coversAll('a.>')).toBe(true);
    expect(treeOf(['a.*', 'a.*.*.>']).coversAll('a.>')).toBe(false);
    expect(treeOf(['a.b', 'a.c']).coversAll('a.*')).toBe(false);
    expect(treeOf([]).coversAll('>')).toBe(false);
  });
});

describe('patterns and subjects', () => {
  it.each(['a', 'a.b', '*', '>', 'a.*.>', 'messages.ingest.>', 'order*', 'a.b>', 'ä.密', '$KV.x'])(
    '%s is a pattern',
    (text) => {
      expect(patternProblem(text)).toBeNull();
    },
  );

  it.each([
    ['', 'empty'],
    ['.a', 'dot'],
    ['a.', 'dot'],
    ['a..b', 'dot'],
    ['.', 'dot'],
    ['a.>.b', 'last'],
    ['>.a', 'last'],
    ['a b', 'white space'],
    ['a.\tb', 'white space'],
    ['a.\u200bb', 'invisible'],
    ['a.\0', 'invisible'],
    ['a.\ud800', 'invisible'],
  ])('%j is none: %s', (text, words) => {
    expect(patternProblem(text)).toContain(words);
    expect(subjectProblem(text)).toContain(words);
  });

  it('a subject to publish to has no wildcard', () => {
    expect(subjectProblem('a.b')).toBeNull();
    expect(subjectProblem('a.*')).toContain('wildcard');
    expect(subjectProblem('>')).toContain('wildcard');
  });

  it('knows the traps of the field', () => {
    expect(matches('events.*', 'events.user.created')).toBe(false);
    expect(matches('_INBOX.*', '_INBOX.abc.1')).toBe(false);
    expect(matches('messages.>', 'messages')).toBe(false);
    expect(covers('messages.>', 'messages.ingest.>')).toBe(true);
    expect(covers('messages.ingest.>', 'messages.>')).toBe(false);
  });
});

describe('reservedFor', () => {
  it.each([
    ['$JS.>', 'the JetStream API'],
    ['$JS.API.INFO', 'the JetStream API'],
    ['>', 'the JetStream API'],
    ['*.x', 'the JetStream API'],
    ['*.ACCOUNT.>', 'the JetStream API'],
    ['$SYS.REQ.>', 'the system account'],
    ['_INBOX.>', 'replies to requests'],
  ])('%s reaches into what NATS reserves', (subject, what) => {
    expect(reservedFor(subject)?.what).toBe(what);
    expect(intersects(reservedFor(subject)!.pattern, subject)).toBe(true);
  });

  it.each(['$JS.EVENT.ADVISORY.>', '$SYS.ACCOUNT.*.CONNECT', '$KV.settings.>', 'JS.>', 'a.*', '*'])(
    'allows %s',
    (subject) => {
      expect(reservedFor(subject)).toBeUndefined();
    },
  );
});

describe('findOverlaps', () => {
  const stream = (name: string, ...subjects: string[]) => subjects.map((pattern) => ({ name, pattern }));

  it('names both and a subject that both capture', () => {
    expect(
      findOverlaps([
        ...stream('MESSAGES', 'messages.>'),
        ...stream('MESSAGESDLQ', 'messages.dlq.>'),
        ...stream('X', 'x'),
      ]),
    ).toEqual([
      {
        a: { name: 'MESSAGES', pattern: 'messages.>' },
        b: { name: 'MESSAGESDLQ', pattern: 'messages.dlq.>' },
        example: 'messages.dlq.x',
      },
    ]);
  });

  it('sees overlaps within one stream, which servers refuse too', () => {
    expect(findOverlaps(stream('A', 'a.*', 'a.b', 'c'))).toMatchObject([{ example: 'a.b' }]);
    expect(findOverlaps(stream('A', 'a', 'a'))).toHaveLength(1);
  });

  it('stops at the limit', () => {
    const same = Array.from({ length: 10_000 }, (_, n) => stream(`S${n}`, 'a.b')).flat();
    const before = performance.now();
    expect(findOverlaps(same)).toHaveLength(50);
    expect(findOverlaps(same, { limit: 3 })).toHaveLength(3);
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('does not mind a subject of a hundred thousand words', () => {
    const long = 'a.'.repeat(100_000);
    expect(findOverlaps([...stream('A', `${long}*`), ...stream('B', `${long}b`)])).toHaveLength(1);
  });

  it('looks through ten thousand subjects full of stars at once', () => {
    // No beginning tells these apart: their third words do.
    const crossed = Array.from({ length: 5_000 }, (_, n) => [`a${n}.*.x${n}`, `*.b${n}.y${n}`]).flat();
    const before = performance.now();
    expect(overlappingPairs(crossed, 50)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it.each([
    // In each another half of the words is a star, and all but one of the others are the same.
    ['the last word differs', (stars: string, n: number) => `${stars}.u${n}`],
    ['the last word before the rest differs', (stars: string, n: number) => `${stars}.u${n}.>`],
    [
      'no word is in more than two of them',
      (stars: string, n: number) => `${stars.replaceAll('w', `w${n}-`)}.u${n}`,
    ],
  ])('looks through ten thousand subjects with stars everywhere, when %s', (_, make) => {
    const starred = Array.from({ length: 10_000 }, (_, n) =>
      make(Array.from({ length: 14 }, (_, at) => ((n >> at) % 2 === 0 ? `w${at}` : '*')).join('.'), n),
    );
    const before = performance.now();
    expect(overlappingPairs(starred, 50)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('looks through ten thousand subjects at once', () => {
    const channels = Array.from({ length: 10_000 }, (_, n) =>
      stream(`CHANNEL_${n}`, `chat.${n}.*`, `chat.*.moderation.${n}.>`),
    ).flat();
    const before = performance.now();
    expect(findOverlaps(channels)).toEqual([]);
    expect(findOverlaps([...channels, ...stream('LATE', 'chat.77.post')])).toMatchObject([
      { a: { name: 'CHANNEL_77' }, b: { name: 'LATE' }, example: 'chat.77.post' },
    ]);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe('placeholders of subjects', () => {
  it.each([
    ['chat.{channel}.new', 'channel', 'chat.*.new'],
    ['room-{id}.new', 'id', '*.new'],
    ['{id}.{id}-x.>', 'id', '*.*.>'],
    ['a.{other}.b', 'id', 'a.{other}.b'],
    ['a.c{d}.b', 'id', 'a.c{d}.b'],
    ['a.b', 'id', 'a.b'],
  ])('%s with a star for {%s} is %s', (subject, placeholder, expected) => {
    expect(withStar(subject, placeholder)).toBe(expected);
  });

  it.each([
    ['chat_{channel}_post', 'chat.{channel}.{word}', 'chat.*.{word}'],
    ['{a}_{b}', '{b}.x.{a}-y', '*.x.*'],
    ['EVENTS', 'a.c{d}', 'a.c{d}'],
  ])('what %s captures by %s is %s', (name, subject, expected) => {
    expect(withStarsOf(name, subject)).toBe(expected);
  });
});
