import { performance } from 'node:perf_hooks';
import type { StaticFacts } from '../../src/doctor/facts.ts';
import { streamsRules } from '../../src/doctor/rules/streams.ts';
import { runStatic } from '../../src/doctor/run.ts';
import type { Topology } from '../../src/topology/model.ts';
import { overlappingPairs } from '../../src/topology/subject-pairs.ts';
import { intersects } from '../../src/topology/subjects.ts';
import { consumer, someService, someTopology, stream } from '../helpers/topology.ts';
import type { Measurement } from './report.ts';

const ROUNDS = 5;
const MANY = 10_000;
/** What comparing all with all can do in a time that anybody waits for. */
const FEW = 2_000;
const GOAL = { atMost: 1_000 };

/** Declared subjects as projects have them, and as bad as they can get. */
const SHAPES: Readonly<Record<string, (count: number) => string[]>> = {
  'a tenant in the second word': (count) => times(count, (n) => `orders.tenant${n}.>`),
  'a star before what differs': (count) => times(count, (n) => `chat.*.channel${n}.posted`),
  'stars in turn, one differs later': (count) =>
    times(count, (n) => (n % 2 === 0 ? `a${n}.*.x${n}` : `*.b${n}.y${n}`)),
  'stars in 256 patterns, the last word differs': (count) => times(count, (n) => `${starred(n, 8)}.u${n}`),
  'each with other stars, the last word differs': (count) => times(count, (n) => `${starred(n, 14)}.u${n}`),
  'each with other stars, lengths differ': (count) =>
    times(count, (n) => `${'x.'.repeat(n % 100)}${starred(n, 7)}.u${n}`),
  'one ten-thousandth overlaps': (count) => [...times(count - 1, (n) => `orders.${n}`), 'orders.*'],
};

/** So many words, another half of them a star in each. */
function starred(n: number, words: number): string {
  return times(words, (at) => ((n >> at) % 2 === 0 ? `w${at}` : '*')).join('.');
}

/**
 * Ten thousand declared subjects against each other, beside comparing every one with every other; and all rules about
 * streams on ten thousand subjects.
 */
export async function overlap(say: (line: string) => void): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const [title, make] of Object.entries(SHAPES)) {
    say(`overlap: ${title}`);
    const [many, few] = [make(MANY), make(FEW)];
    measurements.push(
      {
        name: `${MANY} subjects, ${title}`,
        unit: 'ms',
        values: rounds(() => overlappingPairs(many, 50)),
        goal: GOAL,
      },
      { name: `${FEW} of them by the index`, unit: 'ms', values: rounds(() => overlappingPairs(few, 50)) },
      { name: `${FEW} of them, all with all`, unit: 'ms', values: rounds(() => allWithAll(few, 50)) },
    );
  }
  say(`overlap: all S rules on ${MANY} subjects`);
  const topology = largeTopology(MANY);
  measurements.push({
    name: `all S rules, ${MANY} subjects, publishers and filters`,
    unit: 'ms',
    // Facts of their own for each round: what rules work out once is kept with them.
    values: rounds(() => runStatic(factsOf(topology), { rules: streamsRules })),
  });
  return measurements;
}

const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

function rounds(work: () => unknown): number[] {
  return times(ROUNDS, () => {
    const before = performance.now();
    work();
    return performance.now() - before;
  });
}

function allWithAll(patterns: readonly string[], limit: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let b = 0; b < patterns.length; b += 1)
    for (let a = 0; a < b; a += 1)
      if (pairs.length < limit && intersects(patterns[a]!, patterns[b]!)) pairs.push([a, b]);
  return pairs;
}

/** A hundred subjects in each of a hundred streams, a publisher of each, a filter on each; one in a hundred is misspelt. */
function largeTopology(subjects: number): Topology {
  const perStream = 100;
  const count = subjects / perStream;
  const subject = (at: number, n: number) => `events.area${at}.kind${at}-${n}.*`;
  return someTopology({
    streams: times(count, (at) => stream(`EVENTS_${at}`, ...times(perStream, (n) => subject(at, n)))),
    consumers: times(count, (at) =>
      consumer(`EVENTS_${at}`, 'workers', { filterSubjects: times(perStream, (n) => subject(at, n)) }),
    ),
    services: times(count, (at) =>
      someService(`service-${at}`, {
        publishes: times(perStream, (n) => (n === 50 ? `event.area${at}.kind${at}-${n}.*` : subject(at, n))),
        works: [{ stream: `EVENTS_${at}`, consumer: 'workers' }],
      }),
    ),
  });
}

const factsOf = (topology: Topology): StaticFacts => ({
  project: {
    topology,
    place: (path) => ({ kind: 'object', object: path.join('.') }),
    scalar: () => null,
    written: () => undefined,
  },
  confs: [],
  composes: [],
  manifests: [],
  natsVersion: '2.15.1',
  env: {},
});
