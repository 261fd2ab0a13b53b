import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { millis, nanos } from '@nats-io/transport-node';
import type { LiveStream } from '../../topology/live.ts';
import type { Stream } from '../../topology/model.ts';

/** The model's stream as the server wants it. */
export const streamConfig = (stream: Stream): Partial<StreamConfig> & Pick<StreamConfig, 'name'> =>
  ({
    name: stream.name,
    subjects: [...stream.subjects],
    storage: stream.storage,
    retention: stream.retention,
    discard: stream.discard,
    max_bytes: stream.maxBytes,
    max_age: nanos(stream.maxAge),
    max_msgs: stream.maxMsgs,
    max_msg_size: stream.maxMsgSize,
    duplicate_window: nanos(stream.duplicateWindow),
    num_replicas: stream.replicas,
    // There as undefined when none is declared, so that an update (a merge in the client) clears it.
    placement: stream.placement.length > 0 ? { tags: [...stream.placement] } : undefined,
  }) as Partial<StreamConfig> & Pick<StreamConfig, 'name'>;

/** What the server reports as the model's stream. */
export function liveStream({ config, state }: StreamInfo): LiveStream {
  return {
    name: config.name,
    subjects: config.subjects ?? [],
    storage: config.storage,
    retention: config.retention,
    discard: config.discard,
    maxBytes: unlimited(config.max_bytes),
    maxAge: millis(config.max_age ?? 0),
    maxMsgs: unlimited(config.max_msgs),
    maxMsgSize: unlimited(config.max_msg_size),
    duplicateWindow: millis(config.duplicate_window ?? 0),
    replicas: config.num_replicas,
    placement: config.placement?.tags ?? [],
    messages: state.messages,
    bytes: state.bytes,
    firstSeq: state.first_seq,
    lastSeq: state.last_seq,
    oldestAgeMs: state.messages === 0 ? 0 : Math.max(0, Date.now() - Date.parse(state.first_ts)),
  };
}

/** Absent, 0 and -1 all mean no limit to the server. */
const unlimited = (value: number | undefined): number => (value === undefined || value <= 0 ? -1 : value);
