import { defineRule } from '../../rule.ts';
import { declaredWork } from './declared-work.ts';
import { inWords } from './in-words.ts';

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
    'INSERT … ON CONFLICT DO NOTHING in the same transaction. ackAck() (AckSync) narrows the gap and does not close it. ' +
    '`works: [{ consumer: STREAM/NAME, idempotent: true }]` says that it is, and silences this note.',
  symptoms: ['rows appear twice after a worker was killed', 'duplicate key value violates unique constraint'],
  *static({ project }) {
    if (project === null) return;
    const works = declaredWork(project).filter(
      ({ actor, work }) => !actor.builtin && work.idempotent !== true,
    );
    const [first] = works;
    if (first === undefined) return;
    const titles = [...new Set(works.map(({ actor }) => actor.title))];
    const consumers = [...new Set(works.map(({ consumer }) => consumer))];
    const isOne = titles.length === 1;
    // What a handler does is nothing that a file tells: said once, of all of them.
    yield {
      place: first.place(),
      cause:
        `${inWords(titles)} ${isOne ? 'gets' : 'get'} messages of ${inWords(consumers)} again whose acks were lost when ` +
        `${isOne ? 'it' : 'one of them'} was killed.`,
      fix:
        'Write results under a key that is unique per message, so that a second delivery changes nothing; then write ' +
        `{ consumer: ${first.consumer}, idempotent: true }${works.length === 1 ? '' : ' and the like'} in works.`,
    };
  },
});
