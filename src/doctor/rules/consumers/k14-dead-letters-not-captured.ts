import { covers } from '../../../topology/subjects.ts';
import { defineRule } from '../../rule.ts';
import { capturingStreams, looksLikeDeadLetters } from './dead-letters.ts';
import { placedActors } from './declared-work.ts';

export const k14DeadLettersNotCaptured = defineRule({
  id: 'K14',
  title: 'dead letters that no stream keeps',
  severity: 'error',
  meaning:
    'A worker publishes what it gives up to a subject that no stream captures, and then acks: the message is gone.',
  cause:
    'A publish on core NATS to a subject without a stream and without a subscriber succeeds: nothing tells the worker ' +
    'that nobody has it. It acks or terms the original, and no copy is left.',
  fix:
    'Declare a stream whose subjects cover the dead letters, in the account of the worker, and publish them through ' +
    'JetStream so that a missing stream is an error.',
  symptoms: ['dead letters are acked and nowhere to be found', 'no responders', 'jetstream is not enabled'],
  *static({ project }) {
    if (project === null) return;
    const { coreSubjects } = project.topology;
    for (const { role, title, account, path } of placedActors(project)) {
      if (role.works.length === 0) continue;
      for (const [index, pattern] of role.publishes.entries()) {
        if (!looksLikeDeadLetters(pattern) || coreSubjects.some((core) => covers(core, pattern))) continue;
        if (capturingStreams(project, account, pattern).length > 0) continue;
        const of = [...new Set(role.works.map(({ stream }) => stream))].join(', ');
        yield {
          place: project.place([...path, 'publishes', index]),
          cause: `${title} publishes dead letters of ${of} to ${pattern}, and no stream of account ${account} keeps that subject.`,
          fix: `Declare a stream with subjects: ["${pattern}"] in account ${account}.`,
        };
      }
    }
  },
});
