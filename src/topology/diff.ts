import { consumerDifferences } from './consumer-differences.ts';
import type { LiveTopology } from './live.ts';
import type { Topology } from './model.ts';
import { streamDifferences } from './stream-differences.ts';
import { intersects } from './subjects.ts';
import type { FieldDifference, TopologyChange } from './topology-change.ts';

export type { TopologyChange } from './topology-change.ts';

export type DeclaredTopology = Pick<Topology, 'streams' | 'consumers'>;

/** Streams first, then consumers, in the order of the declaration; what is not declared comes last. */
export function diffTopology(
  declared: DeclaredTopology,
  live: LiveTopology,
  { natsVersion }: { natsVersion?: string } = {},
): TopologyChange[] {
  return [
    ...streamChanges(declared, live, natsVersion),
    ...consumerChanges(declared, live),
    ...orphaned(declared, live),
    ...undeclared(declared, live),
  ];
}

function streamChanges(
  declared: DeclaredTopology,
  live: LiveTopology,
  natsVersion: string | undefined,
): TopologyChange[] {
  return declared.streams.flatMap((stream) => {
    const found = live.streams.find(({ name }) => name === stream.name);
    return attached(
      { object: `stream ${stream.name}`, type: 'stream', stream: stream.name },
      found === undefined
        ? undefined
        : streamDifferences(stream, found, { streams: declared.streams, natsVersion }).map((difference) =>
            withConsumers(difference, strangersOn(stream.name, declared, live)),
          ),
    );
  });
}

/** A stream that is made anew takes its consumers with it; nobody makes those again that are not declared. */
function withConsumers(difference: FieldDifference, strangers: readonly string[]): FieldDifference {
  if (difference.kind !== 'immutable' || strangers.length === 0) return difference;
  const lost = `${strangers.length === 1 ? 'consumer' : 'consumers'} ${strangers.join(', ')} (not declared)`;
  return { ...difference, cost: difference.cost === undefined ? lost : `${difference.cost} and ${lost}` };
}

const strangersOn = (stream: string, declared: DeclaredTopology, live: LiveTopology): string[] =>
  live.consumers
    .filter((one) => one.stream === stream)
    .map(({ name }) => name)
    .filter((name) => !declared.consumers.some((one) => one.stream === stream && one.name === name));

function consumerChanges(declared: DeclaredTopology, live: LiveTopology): TopologyChange[] {
  return declared.consumers.flatMap((consumer) => {
    const { stream, name } = consumer;
    const found = live.consumers.find((candidate) => candidate.stream === stream && candidate.name === name);
    return attached(
      { object: `consumer ${stream}/${name}`, type: 'consumer', stream, consumer: name },
      found === undefined ? undefined : consumerDifferences(consumer, found),
    );
  });
}

type Place = Pick<TopologyChange, 'object' | 'type' | 'stream' | 'consumer'>;

function attached(place: Place, differences: FieldDifference[] | undefined): TopologyChange[] {
  if (differences === undefined) {
    return [{ ...place, kind: 'create', dangerous: false, reason: `no ${place.type} of this name` }];
  }
  if (differences.length === 0) {
    return [{ ...place, kind: 'same', dangerous: false, reason: 'as declared' }];
  }
  return differences.map((difference) => ({ ...place, ...difference }));
}

/**
 * Live consumers that hear nothing more once their stream captures what is declared. Dangerous when it is the change
 * that silences them: from 2.10 on no server refuses a filter that matches nothing.
 */
function orphaned(declared: DeclaredTopology, live: LiveTopology): TopologyChange[] {
  return live.consumers.flatMap((consumer) => {
    const { stream, name } = consumer;
    const target = declared.streams.find((candidate) => candidate.name === stream);
    const wanted = declared.consumers.find((one) => one.stream === stream && one.name === name);
    const filters = (wanted ?? consumer).filterSubjects;
    if (target === undefined || filters.length === 0 || hears(filters, target.subjects)) return [];
    const now = live.streams.find((candidate) => candidate.name === stream)?.subjects ?? [];
    const heardBefore = hears(consumer.filterSubjects, now);
    return [
      {
        object: `consumer ${stream}/${name}`,
        type: 'consumer',
        stream,
        consumer: name,
        kind: 'orphaned',
        dangerous: heardBefore,
        reason: `its filter ${filters.join(', ')} ${heardBefore ? 'would match' : 'matches'} nothing that ${stream} captures`,
        rule: 'S08',
      },
    ];
  });
}

const hears = (filters: readonly string[], subjects: readonly string[]): boolean =>
  filters.length === 0 || filters.some((filter) => subjects.some((subject) => intersects(filter, subject)));

function undeclared(declared: DeclaredTopology, live: LiveTopology): TopologyChange[] {
  const reason = 'not declared; left alone';
  const streams = live.streams
    .filter(({ name }) => !declared.streams.some((stream) => stream.name === name))
    .map(
      ({ name }): TopologyChange => ({
        object: `stream ${name}`,
        type: 'stream',
        stream: name,
        kind: 'undeclared',
        dangerous: false,
        reason,
      }),
    );
  const consumers = live.consumers
    .filter(
      ({ stream, name }) => !declared.consumers.some((one) => one.stream === stream && one.name === name),
    )
    .map(
      ({ stream, name }): TopologyChange => ({
        object: `consumer ${stream}/${name}`,
        type: 'consumer',
        stream,
        consumer: name,
        kind: 'undeclared',
        dangerous: false,
        reason,
      }),
    );
  return [...streams, ...consumers];
}
