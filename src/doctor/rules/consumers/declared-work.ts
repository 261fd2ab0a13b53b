import { type Actor, actorsOf, actorTitle } from '../../../topology/actors.ts';
import type { Work } from '../../../topology/model.ts';
import type { DeclaredProject, StaticFacts, TextSpan } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { fileEntries } from './file-entries.ts';
import type { WrittenConsumer } from './written-consumer.ts';
import { writtenConsumers } from './written-consumers.ts';

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

export const declaredWork = (project: DeclaredProject): readonly DeclaredWork[] =>
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
  });

/** A program together with every description of the consumer that it works. */
export function workedConsumers(facts: StaticFacts): { worked: DeclaredWork; consumer: WrittenConsumer }[] {
  if (facts.project === null) return [];
  const consumers = writtenConsumers(facts);
  return declaredWork(facts.project).flatMap((worked) =>
    consumers.filter((consumer) => isWorkedBy(consumer, worked)).map((consumer) => ({ worked, consumer })),
  );
}

export const isWorkedBy = (consumer: WrittenConsumer, { actor, work, streams }: DeclaredWork): boolean =>
  consumer.name === work.consumer &&
  consumer.streams.some((stream) => streams.includes(stream)) &&
  (consumer.account === null || consumer.account === actor.account);
