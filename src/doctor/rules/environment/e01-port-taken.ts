import type { Report } from '../../finding.ts';
import { type TakenPort, takenBefore, takenLive, takenPublished } from '../../live/port-reports.ts';
import { object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** E01: somebody else listens on a port that a service needs. */
export const e01PortTaken = defineRule({
  id: 'E01',
  title: 'port is held by somebody else',
  severity: 'error',
  meaning: 'A port that a server or a service wants to listen on is in use by another process or container.',
  cause:
    'Only one process can listen on a port. Usually it is another copy of the same server, started by hand, by another project or by a ' +
    'service manager; killing whatever holds the port, as many start scripts do, takes somebody else’s work down.',
  fix:
    'Stop the one that holds the port, if it is yours to stop, or let devenv take another port: it does so by itself when a preferred port is ' +
    'in use, unless --strict-ports is given. devenv never kills a holder.',
  symptoms: [
    'Error listening on port: 0.0.0.0:4222, "listen tcp 0.0.0.0:4222: bind: address already in use"',
    'Bind for 0.0.0.0:4222 failed: port is already allocated',
    'listen EADDRINUSE: address already in use 127.0.0.1:8080',
  ],
  matches: [/address already in use/i, /port is already allocated/i, /EADDRINUSE/],
  *live(facts) {
    const taken = takenLive(facts).filter(isOurs);
    for (const port of taken) yield reportOf(port);
    for (const { service, text, port } of refusedPorts(facts.log)) {
      const ports = facts.services.find((each) => each.service === service)?.ports ?? [];
      // Its declared ports were looked at themselves: who holds them now is known better than from its log.
      if (ports.some((own) => own.port === port)) continue;
      yield {
        place: object(`port ${port}`),
        cause: `${service} could not listen on port ${port}, which is none of its declared ones: somebody else holds it.`,
        fix: `Let ${service} listen on the port in its PORT variable, which devenv keeps free for it, or stop the one that holds ${port}.`,
        symptom: text.trim(),
      };
    }
  },
  *machine(facts) {
    for (const port of takenBefore(facts).filter(isOurs)) yield reportOf(port);
  },
  *published(facts) {
    for (const { service, port, isMonitor, place, holder } of takenPublished(facts)) {
      if (isMonitor) continue;
      yield {
        place,
        severity: 'warning',
        cause: `Port ${port}, which ${service} is to be published on, is held by ${holder.text}.`,
        fix: `Stop the holder if it is yours, or publish ${service} on another port.`,
        symptom: `Bind for 0.0.0.0:${port} failed: port is already allocated`,
      };
    }
  },
});

/** The others are told by E02 and E17. */
const isOurs = ({ isMonitor, holder }: TakenPort): boolean => !isMonitor && holder.stale === undefined;

function reportOf({ service, port, holder, isLive }: TakenPort): Report {
  const symptom = `listen tcp 127.0.0.1:${port}: bind: address already in use`;
  return isLive
    ? {
        place: object(`port ${port}`),
        cause: `Port ${port} of ${service} is held by ${holder.text}, so ${service} cannot be reached there.`,
        fix: `Stop the holder if it is yours, then run \`devenv restart ${service}\`; or \`devenv down\` and \`devenv up\`, which takes another port.`,
        symptom,
      }
    : {
        place: object(`port ${port}`),
        severity: 'warning',
        cause: `Port ${port}, the one that ${service} would take, is held by ${holder.text}.`,
        fix: 'Stop the holder if it is yours, or leave it: `devenv up` takes another port and says so (`--strict-ports` makes it stop instead).',
        symptom,
      };
}

/** Lines in which a program says that a port was taken, newest once for each port. */
function refusedPorts(
  log: readonly { service: string; text: string }[],
): Iterable<{ service: string; text: string; port: number }> {
  const found = new Map<string, { service: string; text: string; port: number }>();
  for (const { service, text } of log) {
    if (!/address already in use|EADDRINUSE|port is already allocated/i.test(text)) continue;
    const port = Number(/:(\d{2,5})\b(?![\s\S]*:\d{2,5}\b)/.exec(text)?.[1]);
    if (Number.isInteger(port) && port < 65_536) found.set(`${service} ${port}`, { service, text, port });
  }
  return found.values();
}
