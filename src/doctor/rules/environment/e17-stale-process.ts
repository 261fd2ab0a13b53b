import type { Report } from '../../finding.ts';
import { type TakenPort, takenBefore, takenLive } from '../../live/port-reports.ts';
import { object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** E17: an earlier run of the same service answers in its place. */
export const e17StaleProcess = defineRule({
  id: 'E17',
  title: 'an earlier run still serves the port',
  severity: 'error',
  meaning:
    'A process that is left from an earlier run of the same service listens on its port and answers instead of the new one.',
  cause:
    'A program that was started by hand, or that put a child of its own into the background, goes on after the terminal or the environment ' +
    'that it belonged to. It answers like the real one, with old code and old settings, so that changes seem to have no effect.',
  fix: 'Look at the process that is named, end it when it is yours, and restart the service.',
  symptoms: ['my change has no effect', 'address already in use', 'EADDRINUSE'],
  *live(facts) {
    for (const port of takenLive(facts)) yield* reportOf(port);
  },
  *machine(facts) {
    for (const port of takenBefore(facts)) yield* reportOf(port);
  },
});

function* reportOf({ service, port, holder, isLive }: TakenPort): Iterable<Report> {
  if (holder.stale === undefined) return;
  yield {
    place: object(`port ${port}`),
    ...(isLive ? {} : { severity: 'warning' }),
    cause: `Port ${port} of ${service} is served by ${holder.text}, which is an earlier run of it: ${holder.stale}.`,
    fix: `End that process${holder.pid === undefined ? '' : ` (\`kill ${holder.pid}\`)`}, then run \`devenv ${isLive ? `restart ${service}` : 'up'}\`. devenv itself never ends what it does not hold.`,
    symptom: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
  };
}
