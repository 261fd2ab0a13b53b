import type { Role, Work } from '../../../topology/model.ts';
import type { DeclaredProject, StaticFacts, TextSpan } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { fileEntries } from './file-entries.ts';
import type { WrittenConsumer } from './written-consumer.ts';
import { writtenConsumers } from './written-consumers.ts';

/** A service or a declared user of devenv.yaml, and where its role stands there. */
export interface Actor {
  /** `service worker`, `user reporting` */
  title: string;
  account: string;
  role: Role;
  /** Shipped with devenv: it retries with message ids, extends ack_wait and writes every message once. */
  builtin: boolean;
  path: readonly (string | number)[];
}

export function actorsOf({ topology }: Pick<DeclaredProject, 'topology'>): readonly Actor[] {
  const { accounts, systemAccount, services } = topology;
  return [
    ...[...accounts, systemAccount].flatMap(({ name: account, users }) =>
      users.map(
        (user): Actor => ({
          title: `user ${user.name}`,
          account,
          role: user,
          builtin: false,
          path: ['accounts', account, 'users', user.name],
        }),
      ),
    ),
    ...services.map(
      (service): Actor => ({
        title: `service ${service.name}`,
        account: service.account,
        role: service,
        builtin: service.source.kind === 'builtin',
        path: ['services', service.name],
      }),
    ),
  ];
}

/** One program at one consumer, or at the consumers of that name on each member of a family. */
export interface DeclaredWork {
  actor: Actor;
  work: Work;
  streams: readonly string[];
  /** `MESSAGES/workers` */
  consumer: string;
  place(field?: WorkField): Place;
  scalar(field: WorkField): TextSpan | null;
}

export type WorkField = 'handler_time' | 'prefetch' | 'expires' | 'idle_heartbeat' | 'extends_ack_wait';

export const declaredWork = (project: DeclaredProject): readonly DeclaredWork[] =>
  actorsOf(project).flatMap((actor) => {
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
