import { formatDuration } from '../../../topology/durations.ts';
import { missingConsumers } from '../../live/missing.ts';
import { object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

const MISSED = /heartbeats?[_ ]missed|missed (?:an? )?(?:idle )?heartbeat/i;
const GONE = /consumer[_ ]deleted|consumer is deleted|consumer[_ ]not[_ ]found/i;
/** What was missed longer ago has been got over: workers find their consumer again by themselves. */
const LATELY_MS = 120_000;

/** K04: a worker pulls from a consumer that is gone. */
export const k04ConsumerWentAway = defineRule({
  id: 'K04',
  title: 'consumer went away under its worker',
  severity: 'error',
  meaning:
    'A worker waits for messages of a consumer that was deleted, or that the server removed because nobody had used it.',
  cause:
    'A pull request to a consumer that does not exist is answered by nobody: what the worker sees is that heartbeats are missing. The consumer or ' +
    'its stream was deleted, or inactive_threshold ran out while the worker was away, which holds for durable consumers as well.',
  fix: 'Create the consumer again (`devenv up`) and restart the worker; write `inactive_threshold: never` for consumers that have to stay.',
  symptoms: ['heartbeats missed', 'missed idle heartbeat', 'consumer deleted', 'consumer not found'],
  codes: [10014],
  matches: [MISSED, GONE],
  *live(facts) {
    const gone = missingConsumers(facts).filter(({ workers }) => workers.length > 0);
    for (const { stream, name, title, inactiveThreshold, workers } of gone) {
      const why =
        inactiveThreshold > 0
          ? `the server deletes it after ${formatDuration(inactiveThreshold)} without a client (inactive_threshold)`
          : 'somebody deleted it';
      yield {
        place: object(title),
        cause: `${workers.join(', ')} ${workers.length === 1 ? 'works' : 'work'} ${stream}/${name}, and there is no such consumer on the server: ${why}.`,
        fix: `Run \`devenv up\`, which creates it again${inactiveThreshold > 0 ? ', and write `inactive_threshold: never` for it' : ''}.`,
      };
    }
    for (const { name, works } of facts.deployment.topology.services) {
      if (works.length === 0 || gone.some(({ workers }) => workers.includes(name))) continue;
      const since = new Date(facts.at - LATELY_MS).toISOString();
      const lines = facts.log.filter(
        ({ service, at, text }) => service === name && at >= since && MISSED.test(text),
      );
      const last = lines.at(-1);
      if (last === undefined) continue;
      yield {
        place: object(`service ${name}`),
        severity: 'warning',
        cause: `${name} missed heartbeats ${lines.length === 1 ? 'once' : `${lines.length} times`}, last at ${last.at}, and all that it works is there now.`,
        fix: `Restart ${name} when it still gets nothing. A server that went away for a moment does this; so do heartbeats longer than half of the pull request's expiry (K05).`,
        symptom: last.text.trim(),
      };
    }
  },
});
