import { type Address, addresses, natsBehind } from '../../compose/addresses.ts';
import { natsServices } from '../../compose/nats-services.ts';
import { composeServices } from '../../compose/services.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { defineRule } from '../../rule.ts';

/** What servers listen on unless they are told otherwise. */
const CLIENTS = 4222;
const MONITORING = 8222;
const ROUTES = 6222;

/** E13: 4222 speaks NATS, 8222 speaks HTTP, 6222 is for servers. */
export const e13SwappedPorts = defineRule({
  id: 'E13',
  title: 'client port and monitoring port swapped',
  severity: 'error',
  meaning: 'A client is pointed at the port for monitoring, or HTTP is asked of the port for clients.',
  cause:
    'A NATS client waits for the server to speak first; on the monitoring port (8222) nobody does, so that it times out. HTTP on the client port (4222) is a protocol error to the server. Port 6222 takes other servers only.',
  fix: 'Write nats://…:4222 for clients and http://…:8222 for /healthz, /varz, /jsz and KEDA.',
  symptoms: [
    'TIMEOUT: connection timed out',
    'Client parser ERROR, state=0, i=0: proto=\'"GET /healthz HTTP/1.1\\r\\n"...\'',
    'curl: (1) Received HTTP/0.9 when not allowed',
    'Attempted to connect to route port',
  ],
  matches: [
    /Client parser ERROR.*GET/i,
    /HTTP\/0\.9 when not allowed/,
    /attempted to connect to route port/i,
  ],
  *static(facts) {
    const servers = new Set(natsServices(facts).map(({ service }) => service.name));
    // What a server is told of routes, leaf nodes and its own addresses is no client's.
    for (const address of addresses(facts))
      if (!(address.key === 'command' && servers.has(address.owner ?? ''))) yield* look(address, facts);
    yield* published(facts);
    yield* variables(facts);
  },
});

function* look(address: Address, facts: StaticFacts): Iterable<Report> {
  const { scheme, host, port, text, place, key } = address;
  const server = natsBehind(facts, address);
  const monitoring = server === undefined ? MONITORING : server.monitorPort;
  const clients = server?.clientPort ?? CLIENTS;
  if (/^(nats|tls)$/.test(scheme) && port === monitoring && port !== clients)
    yield {
      place,
      cause: `${key} has ${text}, and ${port} is the port where ${host} answers HTTP.`,
      fix: `Write ${scheme}://${host}:${clients}.`,
      symptom: 'TIMEOUT: connection timed out',
    };
  else if (/^(nats|tls)$/.test(scheme) && port === ROUTES && clients !== ROUTES)
    yield {
      place,
      cause: `${key} has ${text}, and ${port} is the port where ${host} takes other servers.`,
      fix: `Write ${scheme}://${host}:${clients}.`,
      symptom: 'Attempted to connect to route port',
    };
  else if (/^https?$/.test(scheme) && port === clients && port !== monitoring)
    yield {
      place,
      cause: `${key} asks ${text}, and ${port} is the port where ${host} speaks NATS.`,
      fix: `Write ${scheme}://${host}:${monitoring ?? MONITORING}.`,
      symptom: 'Client parser ERROR, state=0, i=0: proto=\'"GET /healthz HTTP/1.1\\r\\n"...\'',
    };
}

/** `4222:8222`: who asks for the one on the host gets the other. */
function* published(facts: StaticFacts): Iterable<Report> {
  for (const { service, clientPort, monitorPort } of natsServices(facts))
    for (const port of service.ports) {
      const swapped =
        (port.published === CLIENTS && port.target === monitorPort && monitorPort !== CLIENTS) ||
        (port.published === MONITORING && port.target === clientPort && clientPort !== MONITORING);
      if (!swapped) continue;
      const isClients = port.target === clientPort;
      yield {
        place: service.yaml.place(port.path),
        cause: `Port ${port.published} of this machine leads to port ${port.target} of service ${service.name}, where it ${isClients ? 'speaks NATS' : 'answers HTTP'}.`,
        fix: `Publish ${CLIENTS}:${clientPort} for clients and ${MONITORING}:${monitorPort ?? MONITORING} for monitoring.`,
      };
    }
}

/** `NATS_PORT: 8222` and `NATS_MONITORING_PORT: 4222`. */
function* variables(facts: StaticFacts): Iterable<Report> {
  const all = [
    ...composeServices(facts).flatMap(({ environment, yaml }) =>
      environment.map(({ name, value, path }) => ({ name, value, place: () => yaml.place(path) })),
    ),
    ...(facts.project?.topology.services ?? []).flatMap(({ name: service, environment }) =>
      Object.entries(environment).map(([name, value]) => ({
        name,
        value,
        place: () => facts.project!.place(['services', service, 'environment', name]),
      })),
    ),
  ];
  for (const { name, value, place } of all) {
    if (!/NATS.*PORT$/i.test(name)) continue;
    const forPeople = /(MON|HTTP|METRICS|STATS|VARZ|ADMIN)/i.test(name);
    const wrong = forPeople ? value === String(CLIENTS) : value === String(MONITORING);
    if (wrong)
      yield {
        place: place(),
        cause: `${name} is ${value}, which is the port for ${forPeople ? 'clients, not for monitoring' : 'monitoring, not for clients'}.`,
        fix: `Write ${forPeople ? MONITORING : CLIENTS}.`,
      };
  }
}
