import { setMaxListeners } from 'node:events';
import { dirname, resolve } from 'node:path';
import type { Bounds } from '../adapters/deadline.ts';
import { changeLeases, stateHome } from '../adapters/leases.ts';
import { describeListener } from '../adapters/port-holders.ts';
import { probePort } from '../adapters/port-probe.ts';
import { listenersOf } from '../adapters/processes.ts';
import { natsServices } from '../doctor/compose/nats-services.ts';
import { composeServices } from '../doctor/compose/services.ts';
import { mapAt, placeIn } from '../doctor/compose/yaml-parts.ts';
import type { HeldPort, PortHolder, PublishedFacts, StaticFacts } from '../doctor/facts.ts';
import { publishingContainer } from '../runtime/docker/port-holder.ts';
import { eachOf, reading } from './live-facts-reading.ts';

/** A file may publish thousands; who has many has them in ranges, and the first of them tell. */
const MOST_PORTS = 100;

/**
 * Who holds the ports that Compose files publish; without those of services that are started only when they are asked
 * for. What `projectDir` runs itself counts as its own. Throws nothing but the signal's own reason.
 */
export async function gatherPublishedFacts(
  facts: StaticFacts,
  { cwd, projectDir }: { cwd: string; projectDir: string | null },
  { signal, timeoutMs }: Bounds,
): Promise<PublishedFacts> {
  const wanted = wantedPorts(facts).slice(0, MOST_PORTS);
  if (wanted.length === 0) return { ports: [] };
  setMaxListeners(0, signal);
  const bounds = { signal, timeoutMs };
  const leases = await reading(bounds, (inner) =>
    changeLeases(stateHome(), inner.signal, async (book) => ({ leases: null, result: book.leases })),
  );
  const lessees = new Map((leases.ok ? leases.value : []).map((lease) => [lease.port, lease]));
  const ports = await eachOf(wanted, 8, async ({ file, ...port }): Promise<HeldPort> => {
    const holder = await reading(bounds, async (): Promise<PortHolder | null> => {
      const code = await probePort(port.port);
      if (code === 'free' || code === 'EACCES') return null;
      const lease = lessees.get(port.port);
      if (lease !== undefined)
        return {
          own: lease.projectDir === projectDir,
          text: `devenv environment ${lease.environment} of ${lease.projectDir}`,
        };
      return holderOf(port.port, resolve(cwd, file));
    });
    return { ...port, holder };
  });
  return { ports };
}

/** Each port once: what two services of one file want is Compose's to refuse. */
function wantedPorts(facts: StaticFacts): (Omit<HeldPort, 'holder'> & { file: string })[] {
  const monitors = new Map(natsServices(facts).map(({ service, monitorPort }) => [service, monitorPort]));
  const wanted = composeServices(facts).flatMap((service) => {
    const { name, yaml } = service;
    if (mapAt(yaml.value, 'services', name)?.profiles !== undefined) return [];
    return service.ports.flatMap(({ published, target, isUdp, path }) =>
      published === undefined || published < 1 || published > 65_535 || isUdp
        ? []
        : [
            {
              service: name,
              port: published,
              isMonitor: monitors.get(service) === target,
              place: placeIn({ yaml, path }),
              file: yaml.file,
            },
          ],
    );
  });
  return [...new Map(wanted.reverse().map((each) => [each.port, each] as const)).values()].reverse();
}

/** The engine is asked first: on many machines its proxy is what can be seen listening. */
async function holderOf(port: number, composeFile: string): Promise<PortHolder> {
  const container = await publishingContainer(port);
  if (container !== null) {
    const { name, labels } = container;
    const files = labels['com.docker.compose.project.config_files']?.split(',') ?? [];
    const folder = labels['com.docker.compose.project.working_dir'];
    return { own: files.includes(composeFile) || folder === dirname(composeFile), text: `container ${name}` };
  }
  const [first] = await listenersOf(port);
  return {
    own: false,
    text: first === undefined ? 'somebody who cannot be seen from here' : describeListener(first),
    ...(first === undefined || first.pid === null ? {} : { pid: first.pid }),
  };
}
