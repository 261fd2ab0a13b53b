import type { Rule } from '../rule.ts';
import { k01AckWaitTooShort } from './consumers/k01-ack-wait-too-short.ts';
import { k02PrefetchTooLarge } from './consumers/k02-prefetch-too-large.ts';
import { k03Stalled } from './consumers/k03-stalled.ts';
import { k04ConsumerWentAway } from './consumers/k04-consumer-went-away.ts';
import { k05HeartbeatAgainstExpires } from './consumers/k05-heartbeat-against-expires.ts';
import { k06DurableThatIsDeleted } from './consumers/k06-durable-that-is-deleted.ts';
import { k07OnlyNewMessages } from './consumers/k07-only-new-messages.ts';
import { k08BackoffAgainstMaxDeliver } from './consumers/k08-backoff-against-max-deliver.ts';
import { k09NoDeadLetters } from './consumers/k09-no-dead-letters.ts';
import { k10PublishingWhileDisconnected } from './consumers/k10-publishing-while-disconnected.ts';
import { k11ClientGivesUp } from './consumers/k11-client-gives-up.ts';
import { k12SlowConsumer } from './consumers/k12-slow-consumer.ts';
import { k13AcksLost } from './consumers/k13-acks-lost.ts';
import { k14DeadLettersNotCaptured } from './consumers/k14-dead-letters-not-captured.ts';

/** K: consumers and the programs that work them. In the order of their ids. */
export const consumersRules: readonly Rule[] = [
  k01AckWaitTooShort,
  k02PrefetchTooLarge,
  k03Stalled,
  k04ConsumerWentAway,
  k05HeartbeatAgainstExpires,
  k06DurableThatIsDeleted,
  k07OnlyNewMessages,
  k08BackoffAgainstMaxDeliver,
  k09NoDeadLetters,
  k10PublishingWhileDisconnected,
  k11ClientGivesUp,
  k12SlowConsumer,
  k13AcksLost,
  k14DeadLettersNotCaptured,
];
