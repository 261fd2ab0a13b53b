import { formatDuration } from '../../../topology/durations.ts';
import type { Edit } from '../../finding.ts';
import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import { type DeclaredWork, declaredWork } from './declared-work.ts';

export const k05HeartbeatAgainstExpires = defineRule({
  id: 'K05',
  title: 'idle heartbeat that does not fit',
  severity: 'error',
  meaning:
    'The idle heartbeat is longer than half of the pull request, or stands in the configuration of a pull consumer.',
  cause:
    'A client asks for messages with a request that expires, and may ask for a heartbeat while nothing comes. The ' +
    'server wants to send at least two within the request: 2 × idle_heartbeat ≤ expires, and an expires there has to ' +
    'be. How often a client pings the server has nothing to do with it. idle_heartbeat in the ' +
    'configuration of a consumer is for push consumers only.',
  fix: 'Write an idle_heartbeat of at most half of expires; take it out of the configuration of a pull consumer.',
  symptoms: [
    '400 Bad Request - heartbeat value too large',
    'consumer idle heartbeat requires a push based consumer',
    'Bad Request - heartbeat value too large',
  ],
  codes: [10088],
  *static(facts) {
    for (const consumer of writtenConsumers(facts)) {
      const { idleHeartbeat = 0 } = consumer.fields;
      if (consumer.delivery === 'push' || idleHeartbeat <= 0) continue;
      const name = consumer.spelling('idleHeartbeat');
      yield {
        place: consumer.place('idleHeartbeat'),
        cause: `${consumer.title} is a pull consumer and has ${name} ${formatDuration(idleHeartbeat)} in its configuration.`,
        symptom: 'consumer idle heartbeat requires a push based consumer (10088)',
        fix: `Remove ${name} here; a client asks for heartbeats in each pull request.`,
      };
    }
    if (facts.project === null) return;
    for (const worked of declaredWork(facts.project)) {
      const { expires, idleHeartbeat } = worked.work;
      // A client sets an expiry by itself where none is given; only a declared one can be judged.
      if (idleHeartbeat === undefined || expires === undefined || 2 * idleHeartbeat <= expires) continue;
      const half = formatDuration(Math.max(1, Math.floor(expires / 2)));
      yield {
        place: worked.place('idle_heartbeat'),
        cause: `${worked.actor.title} pulls from ${worked.consumer} with expires ${formatDuration(expires)} and idle_heartbeat ${formatDuration(idleHeartbeat)}, which is more than half of it.`,
        fix: `Write idle_heartbeat: ${half} or less, or expires: ${formatDuration(2 * idleHeartbeat)} or more.`,
        edits: replaced(worked, half),
      };
    }
  },
});

function replaced(worked: DeclaredWork, text: string): Edit[] {
  const span = worked.scalar('idle_heartbeat');
  return span === null ? [] : [{ file: span.file, start: span.start, end: span.end, text }];
}
