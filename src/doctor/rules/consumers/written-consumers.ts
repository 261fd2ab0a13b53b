import { formatDuration } from '../../../topology/durations.ts';
import type { Consumer } from '../../../topology/model.ts';
import type { DeclaredProject, StaticFacts } from '../../facts.ts';
import { manifestConsumers } from './manifest-consumers.ts';
import type { ConsumerFields, WrittenConsumer } from './written-consumer.ts';

const SPELLING: Record<keyof ConsumerFields, string> = {
  ackWait: 'ack_wait',
  maxDeliver: 'max_deliver',
  backoff: 'backoff',
  maxAckPending: 'max_ack_pending',
  deliverPolicy: 'deliver_policy',
  inactiveThreshold: 'inactive_threshold',
  idleHeartbeat: 'idle_heartbeat',
};

/** Every consumer that any of the files tells of. */
export const writtenConsumers = (facts: StaticFacts): readonly WrittenConsumer[] => [
  ...(facts.project === null ? [] : declaredConsumers(facts.project)),
  ...facts.manifests.flatMap(manifestConsumers),
];

/** Those of devenv.yaml: what devenv creates, then what services create. */
function declaredConsumers(project: DeclaredProject): WrittenConsumer[] {
  const { consumers, services } = project.topology;
  return [
    ...consumers.map((consumer, index) =>
      inProject(project, consumer, consumer.account, ['consumers', index], ''),
    ),
    ...services.flatMap(({ name, account, creates }) =>
      creates.consumers.map((consumer, index) =>
        inProject(
          project,
          consumer,
          consumer.account ?? account,
          ['services', name, 'creates', 'consumers', index],
          ` of service ${name}`,
        ),
      ),
    ),
  ];
}

function inProject(
  project: DeclaredProject,
  consumer: Partial<Consumer> & Pick<Consumer, 'stream' | 'name'>,
  account: string,
  path: readonly (string | number)[],
  whose: string,
): WrittenConsumer {
  const { stream, name, ackWait, maxDeliver, backoff, maxAckPending, deliverPolicy, inactiveThreshold } =
    consumer;
  const at = (field?: keyof ConsumerFields, ...item: number[]) =>
    field === undefined ? path : [...path, SPELLING[field], ...item];
  return {
    title: `consumer ${stream}/${name}${whose}`,
    stream,
    name,
    account,
    durable: true,
    delivery: 'pull',
    fields: {
      ...(ackWait !== undefined && { ackWait }),
      ...(maxDeliver !== undefined && { maxDeliver }),
      ...(backoff !== undefined && { backoff }),
      ...(maxAckPending !== undefined && { maxAckPending }),
      ...(deliverPolicy !== undefined && { deliverPolicy }),
      ...(inactiveThreshold !== undefined && { inactiveThreshold }),
    },
    spelling: (field) => SPELLING[field],
    duration: formatDuration,
    place: (field, item) => project.place(item === undefined ? at(field) : at(field, item)),
    scalar: (field) => project.scalar(at(field)),
    isWritten: (field) => project.written(at(field)) !== undefined,
  };
}
