import { formatDuration } from '../../topology/durations.ts';
import type { CreatedConsumer } from '../../topology/model.ts';
import type { DeclaredProject, StaticFacts } from '../facts.ts';
import type { ConsumerFields, WrittenConsumer } from './consumer.ts';
import { fileEntries } from './file-entries.ts';
import { manifestConsumers } from './manifest-consumers.ts';

const SPELLING: Record<keyof ConsumerFields | 'name' | 'stream', string> = {
  name: 'name',
  stream: 'stream',
  filterSubjects: 'filter_subjects',
  ackPolicy: 'ack_policy',
  ackWait: 'ack_wait',
  maxDeliver: 'max_deliver',
  backoff: 'backoff',
  maxAckPending: 'max_ack_pending',
  deliverPolicy: 'deliver_policy',
  inactiveThreshold: 'inactive_threshold',
  idleHeartbeat: 'idle_heartbeat',
};

const known = new WeakMap<StaticFacts, readonly WrittenConsumer[]>();

/** Every consumer that any of the files tells of; looked for once, however many rules ask. */
export function writtenConsumers(facts: StaticFacts): readonly WrittenConsumer[] {
  const found = known.get(facts) ?? [
    ...(facts.project === null ? [] : declaredConsumers(facts.project)),
    ...facts.manifests.flatMap(manifestConsumers),
  ];
  known.set(facts, found);
  return found;
}

/** Those of devenv.yaml: what devenv creates, then what services create. */
function declaredConsumers(project: DeclaredProject): WrittenConsumer[] {
  const { consumers, services, streams } = project.topology;
  const entries = fileEntries(consumers, project.written(['consumers']), streams);
  return [
    ...entries.map(({ index, stream, items }) =>
      inProject(project, items[0], {
        title: `consumer ${stream}/${items[0].name}`,
        streams: items.map((item) => item.stream),
        account: items[0].account,
        path: ['consumers', index],
      }),
    ),
    ...services.flatMap(({ name, account, creates }) =>
      creates.consumers.map((consumer, index) =>
        inProject(project, consumer, {
          title: `consumer ${consumer.stream}/${consumer.name} of service ${name}`,
          streams: [consumer.stream],
          account: consumer.account ?? account,
          path: ['services', name, 'creates', 'consumers', index],
        }),
      ),
    ),
  ];
}

function inProject(
  project: DeclaredProject,
  consumer: CreatedConsumer,
  {
    path,
    ...whose
  }: Pick<WrittenConsumer, 'title' | 'streams' | 'account'> & { path: readonly (string | number)[] },
): WrittenConsumer {
  const {
    name,
    filterSubjects,
    ackWait,
    maxDeliver,
    backoff,
    maxAckPending,
    deliverPolicy,
    inactiveThreshold,
  } = consumer;
  const at = (field?: keyof typeof SPELLING, ...item: number[]) =>
    field === undefined ? path : [...path, SPELLING[field], ...item];
  return {
    ...whose,
    name,
    durable: true,
    delivery: 'pull',
    fields: {
      ...(filterSubjects !== undefined && { filterSubjects }),
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
