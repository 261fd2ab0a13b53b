import { defineRule } from '../../rule.ts';
import { declaredWork } from './declared-work.ts';

export const k13AcksLost = defineRule({
  id: 'K13',
  title: 'acks are lost when a worker is killed',
  severity: 'note',
  meaning:
    'A message whose work was done is delivered again when the worker dies before its ack has reached the server.',
  cause:
    'An ack is a message that nobody answers: it leaves with the next write of the client. SIGKILL, a crash or a lost ' +
    'connection between the work and that write means that the server delivers the message once more.',
  fix:
    'Make the work idempotent: write under a key that is unique per message (its id, or stream and sequence) with ' +
    'INSERT … ON CONFLICT DO NOTHING in the same transaction. ackAck() (AckSync) narrows the gap and does not close it.',
  symptoms: ['rows appear twice after a worker was killed', 'duplicate key value violates unique constraint'],
  *static({ project }) {
    if (project === null) return;
    for (const { actor, consumer, place } of declaredWork(project)) {
      if (actor.builtin) continue;
      yield {
        place: place(),
        cause: `${actor.title} gets messages of ${consumer} again whose acks were lost when it was killed.`,
        fix: 'Write its results under a key that is unique per message, so that a second delivery changes nothing.',
      };
    }
  },
});
