import type { NatsConnection } from '@nats-io/transport-node';
import type { StaticFacts } from '../../../../src/doctor/facts.ts';
import type { WrittenConsumer } from '../../../../src/doctor/written/consumer.ts';
import { writtenConsumers } from '../../../../src/doctor/written/consumers.ts';
import type { StreamFields, WrittenStream } from '../../../../src/doctor/written/stream.ts';
import { writtenStreams } from '../../../../src/doctor/written/streams.ts';
import type { Topology } from '../../../../src/topology/model.ts';
import { ask, nanos } from './raw-jetstream.ts';

/** What a server said to one of the requests. */
export interface Refused {
  object: string;
  code: number;
  text: string;
}

/** How a stream or a consumer that is there already is asked for again. */
export type Again = 'create' | 'update';

/**
 * Asks a server for everything that a fixture's files tell of, in their order or the other way around. What the code of
 * a service leaves open is taken to be as the declaration has it, since rules do not guess it either. Returns what was
 * refused; a server that does not answer counts as code 0.
 */
export async function createAll(
  facts: StaticFacts,
  connectionOf: (account: string) => Promise<NatsConnection>,
  { again = 'create', reversed = false }: { again?: Again; reversed?: boolean } = {},
): Promise<Refused[]> {
  const refused: Refused[] = [];
  const first = facts.project?.topology.accounts[0]?.name ?? '$G';
  const streams = reversed ? writtenStreams(facts).toReversed() : writtenStreams(facts);
  for (const stream of streams) {
    const nc = await connectionOf(stream.account);
    const declared = streams.find(
      ({ name, account, kind }) => kind === 'stream' && name === stream.name && account === stream.account,
    );
    const fields = { ...(stream.kind === 'created' && declared?.fields), ...stream.fields };
    for (const { name, subjects } of membersOf({ ...stream, fields }, facts.project?.topology)) {
      const config = { ...streamConfig(fields), name, subjects };
      const known = again === 'update' ? await ask(nc, `STREAM.INFO.${name}`) : undefined;
      const found =
        known === undefined || known.refusal !== null
          ? await refusalOf(nc, `STREAM.CREATE.${name}`, config)
          : await refusalOf(nc, `STREAM.UPDATE.${name}`, {
              ...(known.answer.config as object),
              ...config,
            });
      if (found !== null) refused.push({ object: name, ...found });
    }
  }
  const consumers = writtenConsumers(facts);
  for (const consumer of consumers) {
    const nc = await connectionOf(consumer.account ?? first);
    for (const stream of consumer.streams) {
      // devenv.yaml's own come before those of services.
      const declared = consumers.find(
        ({ name, streams }) => name === consumer.name && streams.includes(stream),
      );
      const fields = { ...declared?.fields, ...consumer.fields };
      const request = { stream_name: stream, config: consumerConfig({ ...consumer, fields }), action: again };
      const subject = `CONSUMER.CREATE.${stream}.${consumer.name}`;
      const found = await refusalOf(nc, subject, request);
      if (found !== null) refused.push({ object: `${stream}/${consumer.name}`, ...found });
    }
  }
  return refused;
}

async function refusalOf(nc: NatsConnection, subject: string, body: object) {
  try {
    return (await ask(nc, subject, body)).refusal;
  } catch (error) {
    return { code: 0, text: (error as Error).message };
  }
}

/** A family gets as many members as it may have. */
function membersOf(stream: WrittenStream, topology: Topology | undefined) {
  const family = topology?.families.find(({ name }) => stream.kind === 'family' && name === stream.name);
  if (family === undefined) return [{ name: stream.name, subjects: [...(stream.fields.subjects ?? [])] }];
  const more = Array.from({ length: family.atMost - family.members.length }, (_, n) => `more${n}`);
  return [...family.members, ...more].map((member) => {
    const filled = (text: string) => text.replaceAll(`{${family.placeholder}}`, member);
    return { name: filled(stream.name), subjects: (stream.fields.subjects ?? []).map(filled) };
  });
}

function streamConfig(fields: StreamFields): object {
  const { maxAge, duplicateWindow } = fields;
  return {
    storage: fields.storage ?? 'file',
    retention: fields.retention ?? 'limits',
    discard: fields.discard ?? 'old',
    max_bytes: fields.maxBytes ?? -1,
    max_msgs: fields.maxMsgs ?? -1,
    max_msg_size: fields.maxMsgSize ?? -1,
    num_replicas: fields.replicas ?? 1,
    ...(maxAge !== undefined && { max_age: nanos(maxAge) }),
    ...(duplicateWindow !== undefined && { duplicate_window: nanos(duplicateWindow) }),
    ...(fields.noAck !== undefined && { no_ack: true }),
    ...(fields.placement !== undefined &&
      fields.placement.length > 0 && { placement: { tags: fields.placement } }),
  };
}

function consumerConfig({ name, fields }: WrittenConsumer): object {
  const { filterSubjects = [] } = fields;
  const [filter, ...others] = filterSubjects;
  return {
    name,
    durable_name: name,
    ack_policy: fields.ackPolicy ?? 'explicit',
    deliver_policy: fields.deliverPolicy ?? 'all',
    ...(fields.ackWait !== undefined && { ack_wait: nanos(fields.ackWait) }),
    ...(fields.maxDeliver !== undefined && { max_deliver: fields.maxDeliver }),
    ...(fields.backoff !== undefined && fields.backoff.length > 0 && { backoff: fields.backoff.map(nanos) }),
    ...(others.length > 0
      ? { filter_subjects: filterSubjects }
      : filter !== undefined && { filter_subject: filter }),
  };
}

/** A nats.conf with the limits of a declaration, and one user in each account who may do everything. */
export const confOf = ({ nats, accounts }: Topology): string => `
max_payload: ${nats.maxPayload}
max_pending: ${nats.maxPending}
${
  accounts[0]?.name === '$G'
    ? ''
    : `accounts {\n${accounts
        .map(
          ({ name, jetstream }) =>
            `${name} { ${
              jetstream === null
                ? ''
                : `jetstream { max_mem: ${jetstream.maxMemory}, max_file: ${jetstream.maxFile}, max_streams: ${jetstream.maxStreams}, max_consumers: ${jetstream.maxConsumers} }`
            }\n users [ { user: "${name}", password: "secret" } ]\n }`,
        )
        .join('\n')}\n}`
}
`;

export const logInOf = (account: string): { user?: string; pass?: string } =>
  account === '$G' ? {} : { user: account, pass: 'secret' };
