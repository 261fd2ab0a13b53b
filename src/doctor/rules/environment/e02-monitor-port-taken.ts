import type { Report } from '../../finding.ts';
import { type TakenPort, takenBefore, takenLive, takenPublished } from '../../live/port-reports.ts';
import { object } from '../../live/readings.ts';
import { serverLines } from '../../live/server-log.ts';
import { defineRule } from '../../rule.ts';

/** E02: the server cannot open its monitoring port. */
export const e02MonitorPortTaken = defineRule({
  id: 'E02',
  title: 'monitoring port is held by somebody else',
  severity: 'error',
  meaning:
    'The port on which a nats-server would answer /varz and /healthz is in use by another process or container.',
  cause:
    'The monitoring port (8222 by habit) is a listener of its own. A server that cannot have it does not start at all, although the client ' +
    'port was free; and a health check that asks the port gets the answers of the other server.',
  fix: 'Stop the one that holds the port, if it is yours to stop, or give this server another monitoring port; devenv does so by itself.',
  symptoms: [
    "Can't start monitoring: can't listen to the monitor port: listen tcp 127.0.0.1:8222: bind: address already in use",
  ],
  matches: [/Can't start monitoring/i, /can't listen to the monitor port/i],
  *live(facts) {
    const taken = takenLive(facts).filter(isOurs);
    for (const port of taken) yield reportOf(port);
    for (const { service, text } of serverLines(facts)) {
      if (!/Can't start monitoring|can't listen to the monitor port/i.test(text)) continue;
      if (taken.some((port) => port.service === service)) continue;
      yield {
        place: object(`server ${service}`),
        cause: `${service} could not open its monitoring port, and ended.`,
        fix: `Run \`devenv up\`: it takes another port for ${service} while this one is held.`,
        symptom: text.trim(),
      };
      return;
    }
  },
  *machine(facts) {
    for (const port of takenBefore(facts).filter(isOurs)) yield reportOf(port);
  },
  *published(facts) {
    for (const { service, port, isMonitor, place, holder } of takenPublished(facts)) {
      if (!isMonitor) continue;
      yield {
        place,
        severity: 'warning',
        cause: `Port ${port}, on which ${service} is to be monitored, is held by ${holder.text}: ${service} cannot be started, and what asks there gets the answers of another.`,
        fix: `Stop the holder if it is yours, or publish the monitoring of ${service} on another port.`,
        symptom: `Bind for 0.0.0.0:${port} failed: port is already allocated`,
      };
    }
  },
});

const isOurs = ({ isMonitor, holder }: TakenPort): boolean => isMonitor && holder.stale === undefined;

const reportOf = ({ service, port, holder, isLive }: TakenPort): Report => ({
  place: object(`port ${port}`),
  ...(isLive ? {} : { severity: 'warning' }),
  cause: isLive
    ? `Monitoring port ${port} of ${service} is held by ${holder.text}: what answers there is not ${service}.`
    : `Port ${port}, on which ${service} would be monitored, is held by ${holder.text}.`,
  fix: 'Stop the holder if it is yours, or leave it: `devenv up` takes another port and says so (`--strict-ports` makes it stop instead).',
  symptom: `Can't start monitoring: can't listen to the monitor port: listen tcp 127.0.0.1:${port}: bind: address already in use`,
});
