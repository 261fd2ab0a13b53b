import { type Actor, actorsOf, actorTitle } from '../../../topology/actors.ts';
import type { Work } from '../../../topology/model.ts';
import type { DeclaredProject, StaticFacts, TextSpan } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { onceFor } from '../../once.ts';
import type { WrittenConsumer } from '../../written/consumer.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import { fileEntries } from '../../written/file-entries.ts';

/** Somebody with a role, and where that stands in devenv.yaml. */
export interface PlacedActor extends Actor {
  /** `service worker`, `user reporting` */
  title: string;
  path: readonly (string | number)[];
}

export const placedActors = ({ topology }: Pick<DeclaredProject, 'topology'>): readonly PlacedActor[] =>
  actorsOf(topology).map((actor) => ({
    ...actor,
    title: actorTitle(actor),
    path:
      actor.kind === 'service' ? ['services', actor.name] : ['accounts', actor.account, 'users', actor.name],
  }));

/** One program at one consumer, or at the consumers of that name on each member of a family. */
export interface DeclaredWork {
  actor: PlacedActor;
  work: Work;
  streams: readonly string[];
  /** `MESSAGES/workers` */
  consumer: string;
  place(field?: WorkField): Place;
  scalar(field: WorkField): TextSpan | null;
}

export type WorkField = 'handler_time' | 'prefetch' | 'expires' | 'idle_heartbeat' | 'extends_ack_wait';

export const declaredWork = onceFor((project: DeclaredProject): readonly DeclaredWork[] =>
  placedActors(project).flatMap((actor) => {
    const written = project.written([...actor.path, 'works']);
    return fileEntries(actor.role.works, written, project.topology.streams).map(
      ({ index, stream, items: [work, ...others] }): DeclaredWork => {
        const path = [...actor.path, 'works', index];
        return {
          actor,
          work,
          streams: [work, ...others].map((one) => one.stream),
          consumer: `${stream}/${work.consumer}`,
          place: (field) => project.place(field === undefined ? path : [...path, field]),
          scalar: (field) => project.scalar([...path, field]),
        };
      },
    );
  }),
);

/** A program together with every description of the consumer that it works. */
export function workedConsumers(facts: StaticFacts): { worked: DeclaredWork; consumer: WrittenConsumer }[] {
  if (facts.project === null) return [];
  const described = new Map<string, WrittenConsumer[]>();
  for (const consumer of writtenConsumers(facts)) {
    for (const key of keysOf(consumer.streams, consumer.name)) listed(described, key).push(consumer);
  }
  return declaredWork(facts.project).flatMap((worked) => {
    const near = keysOf(worked.streams, worked.work.consumer).flatMap((key) => described.get(key) ?? []);
    return [...new Set(near)]
      .filter((consumer) => isInAccountOf(consumer, worked))
      .map((consumer) => ({ worked, consumer }));
  });
}

/** For a consumer: the declared programs that work it. */
export function workersIn(project: DeclaredProject): (consumer: WrittenConsumer) => DeclaredWork[] {
  const works = new Map<string, DeclaredWork[]>();
  for (const worked of declaredWork(project)) {
    for (const key of keysOf(worked.streams, worked.work.consumer)) listed(works, key).push(worked);
  }
  return (consumer) => {
    const near = keysOf(consumer.streams, consumer.name).flatMap((key) => works.get(key) ?? []);
    return [...new Set(near)].filter((worked) => isInAccountOf(consumer, worked));
  };
}

/** Neither name holds a slash. */
const keysOf = (streams: readonly string[], consumer: string): string[] =>
  streams.map((stream) => `${stream}/${consumer}`);

function listed<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

const isInAccountOf = ({ account }: WrittenConsumer, { actor }: DeclaredWork): boolean =>
  account === null || account === actor.account;
