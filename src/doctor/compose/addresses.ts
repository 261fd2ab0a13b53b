import type { StaticFacts } from '../facts.ts';
import type { Place } from '../finding.ts';
import { type NatsService, natsServices } from './nats-services.ts';
import { composeServices } from './services.ts';
import { isMap, textsWithin, type YamlMap } from './yaml-parts.ts';

/** An address with a scheme and a port, wherever it stands: `nats://api:secret@nats:4222`. */
export interface Address {
  scheme: string;
  host: string;
  port: number;
  /** Name of the environment variable or the key that holds it. */
  key: string;
  place: Place;
  /** Without user and password. */
  text: string;
  /** Service of devenv.yaml or of a Compose file that it is for. */
  owner?: string;
}

/** Every address in environments, commands and health checks of services and in manifests. */
export function* addresses(facts: StaticFacts): Iterable<Address> {
  const { project, manifests } = facts;
  for (const { name, environment } of project?.topology.services ?? [])
    for (const [key, value] of Object.entries(environment)) {
      const place = project!.place(['services', name, 'environment', key]);
      yield* within(value, { key, place, owner: name });
    }
  for (const { name, yaml, environment, command, entrypoint, healthcheck } of composeServices(facts)) {
    for (const { name: key, value, path } of environment)
      yield* within(value ?? '', { key, place: yaml.place(path), owner: name });
    for (const { text, path } of [...(entrypoint ?? []), ...(command ?? [])])
      yield* within(text, { key: 'command', place: yaml.place(path), owner: name });
    if (healthcheck !== undefined)
      yield* within(healthcheck.text, {
        key: 'healthcheck',
        place: yaml.place(healthcheck.path),
        owner: name,
      });
  }
  // Streams and dashboards hold thousands of texts and no addresses of servers.
  for (const yaml of manifests)
    if (isMap(yaml.value) && !isDashboard(yaml.value))
      for (const { text, path } of textsWithin(yaml.value)) {
        const key = String(path.findLast((step) => typeof step === 'string') ?? '');
        if (!text.includes(':')) continue;
        yield* within(
          key === 'natsServerMonitoringEndpoint' && !text.includes('://') ? `http://${text}` : text,
          {
            key,
            place: yaml.place(path),
          },
        );
      }
}

export const isDashboard = (value: YamlMap): boolean => Array.isArray(value.panels) || isMap(value.dashboard);

const URLS = /\b([a-z][a-z0-9+.-]*):\/\/(?:[^\s"'`,/@]*@)?(\[[^\]\s]+\]|[A-Za-z0-9_.-]+):(\d{1,5})\b/g;

function* within(text: string, where: Pick<Address, 'key' | 'place' | 'owner'>): Iterable<Address> {
  for (const [, scheme, host, port] of text.matchAll(URLS))
    yield { ...where, scheme: scheme!, host: host!, port: Number(port), text: `${scheme}://${host}:${port}` };
}

/** The NATS service behind a host name of a Compose network; `localhost` within a service is that service. */
export function natsBehind(
  facts: StaticFacts,
  { host, owner }: Pick<Address, 'host' | 'owner'>,
): NatsService | undefined {
  const name = /^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])$/.test(host) ? owner : host;
  return natsServices(facts).find(
    ({ service }) => service.name === name || (service.containerName === name && name !== undefined),
  );
}
