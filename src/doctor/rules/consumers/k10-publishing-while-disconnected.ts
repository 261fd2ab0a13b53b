import { defineRule } from '../../rule.ts';
import { capturingStreams } from './dead-letters.ts';
import { placedActors } from './declared-work.ts';

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
    'id (Nats-Msg-Id): within the duplicate window of the stream the second one is answered and not stored.',
  symptoms: [
    'messages published while the server restarted are missing',
    'TimeoutError: timeout',
    'nats: timeout',
  ],
  *static({ project }) {
    if (project === null) return;
    for (const { role, title, account, builtin, path } of placedActors(project)) {
      if (builtin || role.publishes.length === 0) continue;
      const streams = [
        ...new Set(role.publishes.flatMap((pattern) => capturingStreams(project, account, pattern))),
      ];
      if (streams.length === 0) continue;
      yield {
        place: project.place([...path, 'publishes'], 'key'),
        cause: `${title} publishes into ${streams.join(', ')}; what it sends while its connection is away does not arrive.`,
        fix: 'Give each message an id (Nats-Msg-Id), wait for the answer, and send it again with the same id until it comes.',
      };
    }
  },
});
