import { formatDuration } from '../../../topology/durations.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

const DEFAULT_DURATION = 120_000;
const DEFAULT_GRACE = 10_000;

/** C26: the grace period is a part of the whole. */
export const c26LameDuckGrace = defineRule({
  id: 'C26',
  title: 'lame duck grace period not shorter than the whole',
  severity: 'error',
  meaning: 'lame_duck_grace_period is as long as lame_duck_duration or longer.',
  cause:
    'A server that is asked to retire waits for the grace period (10s by default) and then closes its clients evenly over the rest of lame_duck_duration (2m by default). `nats-server -t` does not compare the two; the server refuses to start.',
  fix: 'Make the duration longer than the grace period.',
  symptoms: ['lame duck grace period (40s) should be strictly lower than lame duck duration (30s)'],
  matches: [/lame duck grace period \(\S+\) should be strictly lower/],
  *static({ confs }) {
    for (const document of confs) {
      const { lameDuckDuration, lameDuckGrace } = serverConf(document);
      const [whole, grace] = [
        lameDuckDuration?.value ?? DEFAULT_DURATION,
        Math.abs(lameDuckGrace?.value ?? DEFAULT_GRACE),
      ];
      const at = lameDuckGrace ?? lameDuckDuration;
      // A whole of less than half a minute is refused for itself (C14).
      if (at === undefined || whole < 30_000 || grace < whole) continue;
      const [shownGrace, shownWhole] = [grace, whole].map((ms) => formatDuration(Math.round(ms)));
      yield {
        place: placeOf(at.span),
        cause: `The grace period is ${shownGrace} and the whole lame duck duration ${shownWhole}.`,
        fix: `Write lame_duck_duration: "${formatDuration(Math.max(30_000, grace * 4))}", or a shorter grace period.`,
        symptom: `lame duck grace period (${shownGrace}) should be strictly lower than lame duck duration (${shownWhole})`,
      };
    }
  },
});
