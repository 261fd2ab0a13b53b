import { defineRule } from '../../rule.ts';
import { capturingStreams } from './dead-letters.ts';
import { placedActors } from './declared-work.ts';
import { inWords } from './in-words.ts';

export const k10PublishingWhileDisconnected = defineRule({
  id: 'K10',
  title: 'what is sent while disconnected is dropped',
  severity: 'note',
  meaning: 'A publish that falls into a reconnect fails or is lost; only the publisher can send it again.',
  cause:
    'While the connection is away, clients drop what is published, or keep a little of it in memory and lose it with ' +
    'the process. A publish that timed out may have been stored all the same: its answer was lost, not the message.',
  fix:
    'Publish through JetStream, wait for the answer, and on an error send the same message again with the same message ' +
    'id (Nats-Msg-Id): within the duplicate window of the stream the second one is answered and not stored. `message_ids: true` ' +
    'beside `publishes` says that it does, and silences this note.',
  symptoms: [
    'messages published while the server restarted are missing',
    'TimeoutError: timeout',
    'nats: timeout',
  ],
  *static({ project }) {
    if (project === null) return;
    const publishers = placedActors(project).flatMap((actor) => {
      const { role, account, builtin } = actor;
      if (builtin || role.messageIds === true) return [];
      const streams = role.publishes.flatMap((pattern) => capturingStreams(project, account, pattern));
      return streams.length === 0 ? [] : [{ actor, streams }];
    });
    const [first] = publishers;
    if (first === undefined) return;
    const streams = [...new Set(publishers.flatMap((one) => one.streams))];
    const isOne = publishers.length === 1;
    // How a program publishes is nothing that a file tells: said once, of all of them.
    yield {
      place: project.place([...first.actor.path, 'publishes'], 'key'),
      cause:
        `${inWords(publishers.map(({ actor }) => actor.title))} ${isOne ? 'publishes' : 'publish'} into ${inWords(streams)}; ` +
        `what ${isOne ? 'it sends while its' : 'one of them sends while its'} connection is away does not arrive.`,
      fix:
        'Give each message an id (Nats-Msg-Id), wait for the answer, and send it again with the same id until it comes; ' +
        `then write message_ids: true for ${isOne ? first.actor.title : 'each'}.`,
    };
  },
});
