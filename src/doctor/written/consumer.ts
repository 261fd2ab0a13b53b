import type { Spelled } from './dialect.ts';

/** What rules look at; milliseconds. Absent = not written, and no default of devenv's own. */
export interface ConsumerFields {
  /** Empty = every subject of the stream. */
  filterSubjects?: readonly string[];
  ackPolicy?: string;
  ackWait?: number;
  maxDeliver?: number;
  backoff?: readonly number[];
  maxAckPending?: number;
  deliverPolicy?: string;
  inactiveThreshold?: number;
  idleHeartbeat?: number;
}

/** A consumer as somebody wrote it down: in devenv.yaml, as what a service creates, or for another tool. */
export interface WrittenConsumer extends Spelled<keyof ConsumerFields, 'name' | 'stream'> {
  /** `consumer MESSAGES/workers`, `consumer MESSAGES/workers of service api` */
  title: string;
  /** One; the members of a family; none when the file does not say which stream it is for. */
  streams: readonly string[];
  name: string;
  /** null outside of devenv.yaml: nothing there says in which account it will be made. */
  account: string | null;
  /** One that belongs to its client's connection comes and goes. */
  durable: boolean;
  delivery: 'pull' | 'push';
  fields: ConsumerFields;
}
