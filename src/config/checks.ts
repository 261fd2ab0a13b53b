import { formatDuration } from '../topology/durations.ts';
import { formatSize } from '../topology/sizes.ts';
import { findOverlaps, reservedFor } from '../topology/subjects.ts';
import type { Draft, Item } from './draft.ts';
import { duplicates } from './duplicates.ts';
import { entityProblems } from './entity-checks.ts';
import { type Problem, problem, shown } from './problems.ts';
import { serviceProblems } from './service-checks.ts';
import type { ConsumerSettings, StreamSettings } from './stream-settings.ts';

/** What is wrong between values that are each right by themselves. */
export const crossFieldProblems = (draft: Draft): Problem[] => [
  ...serverProblems(draft),
  ...draft.streams.flatMap(streamProblems),
  ...overlapProblems(draft),
  ...duplicates(
    draft.streams.map(({ key, value }) => ({ path: ['streams', key, 'name'], word: value.name })),
  ),
  ...draft.consumers.flatMap((consumer) => consumerProblems(consumer, draft)),
  ...duplicates(
    draft.consumers.map(({ key, value }) => ({
      path: ['consumers', key, 'name'],
      word: value.name,
      scope: value.stream,
    })),
  ),
  ...entityProblems(draft),
  ...serviceProblems(draft),
];

function serverProblems({ nats, postgres }: Draft): Problem[] {
  const problems: Problem[] = [];
  if (nats !== undefined && nats.limits.max_payload > nats.limits.max_pending) {
    // nats-server -t accepts this and the start fails.
    problems.push(
      problem(
        ['nats', 'limits', 'max_payload'],
        `${formatSize(nats.limits.max_payload)} is more than max_pending (${formatSize(nats.limits.max_pending)}); no message of that size could be delivered`,
      ),
    );
  }
  if (postgres !== undefined && ['postgres', 'template0', 'template1'].includes(postgres.database)) {
    problems.push(
      problem(
        ['postgres', 'database'],
        `"${postgres.database}" belongs to Postgres itself; choose another name`,
      ),
    );
  }
  return problems;
}

/** Shorter ones are refused by nats-server (error 10052). */
const SHORTEST_MS = 100;

function streamProblems({ key, value: stream }: Item<number, StreamSettings>): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, message: string, ...rest: (string | number)[]) =>
    problems.push(problem(['streams', key, field, ...rest], message));
  const { max_age, duplicate_window } = stream;
  if (max_age !== 0 && max_age < SHORTEST_MS) add('max_age', `${formatDuration(max_age)}: at least 100ms`);
  if (duplicate_window !== undefined) {
    if (duplicate_window < SHORTEST_MS) {
      add('duplicate_window', `${formatDuration(duplicate_window)}: at least 100ms`);
    }
    if (max_age !== 0 && duplicate_window > max_age) {
      add(
        'duplicate_window',
        `${formatDuration(duplicate_window)} is longer than max_age (${formatDuration(max_age)}); NATS refuses that`,
      );
    }
  }
  return problems;
}

/** NATS refuses the second of two streams that would capture the same subject (10065); whoever starts first wins. */
function overlapProblems({ streams }: Draft): Problem[] {
  const all = streams.flatMap(({ key, value: { name, subjects } }) =>
    subjects.map((pattern, index) => ({ name, pattern, path: ['streams', key, 'subjects', index] })),
  );
  return [
    ...all
      .filter(({ pattern }) => reservedFor(pattern) !== undefined)
      .map(({ pattern, path }) =>
        problem(
          path,
          `${shown(pattern)} would capture the traffic of NATS itself; begin with a word of your own`,
        ),
      ),
    // The later one is the one to be refused, here as on the server.
    ...findOverlaps(all).map(({ a, b, example }) => {
      const both = `both capture ${shown(example)}; narrow one of them`;
      return problem(b.path, `${shown(b.pattern)} overlaps ${shown(a.pattern)} of ${a.name}: ${both}`);
    }),
  ];
}

function consumerProblems({ key, value: consumer }: Item<number, ConsumerSettings>, draft: Draft): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, message: string) => problems.push(problem(['consumers', key, field], message));
  const { backoff, max_deliver } = consumer;
  if (max_deliver !== -1 && backoff.length > max_deliver) {
    add('backoff', `${backoff.length} delays are more than max_deliver (${max_deliver}); NATS refuses that`);
  }
  const stream = draft.streams.find(({ value }) => value.name === consumer.stream)?.value;
  if (stream?.retention === 'workqueue' && consumer.deliver_policy !== 'all') {
    add('deliver_policy', `"${consumer.deliver_policy}": a workqueue stream takes consumers with "all" only`);
  }
  return problems;
}
