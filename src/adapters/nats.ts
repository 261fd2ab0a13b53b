/** NATS and JetStream; the only place outside `pipeline/` that knows the @nats-io packages. */
export type { AckKind, AckWatch } from './nats/acks.ts';
export {
  applyTopology,
  compareTopology,
  observeTopology,
  topologyDifferences,
} from './nats/apply.ts';
export { checkNats } from './nats/check.ts';
export type { MessageQuery, NatsClient, PublishAck, PublishOptions } from './nats/client.ts';
export type { NatsOptions } from './nats/connect.ts';
export { connectNats } from './nats/jetstream-connection.ts';
export { checkMember } from './nats/member.ts';
export { type Mended, mendTopology } from './nats/mend.ts';
export type { StoredMessage } from './nats/message.ts';
export type { Outcome } from './nats/publish-trials.ts';
export { type Login, runTrials, tryLogin, tryReach } from './nats/trials.ts';
export { parseNatsUrl } from './nats/url.ts';
export type { JetStreamUsage, ServerLimits, StorageUsage } from './nats/usage.ts';
