import { POSTGRES_SERVICE } from '../topology/deployment.ts';
import { type NatsServer, natsServers } from '../topology/servers.ts';
import { covers } from '../topology/subjects.ts';
import type { Draft, Item } from './draft.ts';
import { type Problem, problem, shown, unknownWord } from './problems.ts';
import type { ServiceSettings } from './service-settings.ts';
import { BUILTIN } from './shipped-pipeline.ts';

/** Services, ports and one-shot programs of devenv itself; `constructor` is a property of every JavaScript object. */
const RESERVED = [POSTGRES_SERVICE, 'migrate', 'apply', 'constructor'];
/** The servers, alone or in a cluster, and their ports. */
const isOfServers = (name: string): boolean => /^nats(-\d+)?(-monitor|-route)?$/.test(name);

const SOURCES = ['builtin', 'image', 'build', 'command'] as const;

export const serviceProblems = (draft: Draft): Problem[] => [
  ...draft.serviceNames
    .filter((name) => RESERVED.includes(name) || isOfServers(name))
    .map((name) => problem(['services', name], `the name ${shown(name)} is reserved; choose another`, 'key')),
  ...draft.services.flatMap(sourceProblems),
  ...draft.services.flatMap((service) => streamNeeds(service, draft)),
  ...portProblems(draft),
];

function sourceProblems({ key, value: service }: Item<string, ServiceSettings>): Problem[] {
  const path = ['services', key];
  const problems: Problem[] = [];
  const given = SOURCES.filter((source) => service[source] !== undefined);
  // An image or a build may come with a command that replaces its own.
  const leading =
    given.length > 1 && given[0] !== 'builtin' ? given.filter((name) => name !== 'command') : given;
  if (leading.length !== 1) {
    const read = given.length === 0 ? 'none of them is given' : `given are ${given.join(' and ')}`;
    problems.push(problem(path, `needs exactly one of ${SOURCES.join(', ')}; ${read}`, 'key'));
  }
  if (service.cwd !== undefined && (leading[0] !== 'command' || service.command === undefined)) {
    problems.push(problem([...path, 'cwd'], 'is only used with command', 'key'));
  }
  const hasPort = service.port !== undefined || service.builtin !== undefined;
  if (service.health !== undefined && service.health !== 'none' && !hasPort) {
    problems.push(
      problem([...path, 'health'], `${shown(service.health)}: there is nothing to ask without a port`),
    );
  }
  return problems;
}

/**
 * A built-in program takes the stream's name from the declaration: the stream that captures all that the program
 * publishes, and for the worker a consumer on the stream which it reads.
 */
function streamNeeds({ key, value: service }: Item<string, ServiceSettings>, draft: Draft): Problem[] {
  const { builtin } = service;
  if (builtin === undefined || !draft.allStreamsRead || !draft.allConsumersRead) return [];
  const streamOf = (subject: string) =>
    draft.streams.find(({ value }) => value.subjects.some((pattern) => covers(pattern, subject)))?.value.name;
  const publishes = service.publishes ?? BUILTIN[builtin].publishes;
  // A worker that says which consumer it works need not be told where that reads.
  const isTold = service.works !== undefined && service.works.length > 0;
  const reads = builtin === 'worker' && !isTold ? (service.subscribes ?? BUILTIN.worker.subscribes) : [];
  const cure = `declare it, or leave the built-in ${builtin} out of services`;
  const problems = [...publishes, ...reads]
    .filter((subject) => subject.endsWith('.>') && streamOf(subject) === undefined)
    .map((subject) =>
      problem(
        ['services', key],
        `the built-in ${builtin} needs a stream that captures ${subject}; ${cure}`,
        'key',
      ),
    );
  const source = reads.map(streamOf).find((name) => name !== undefined);
  if (source !== undefined && !draft.consumers.some(({ value }) => value.stream === source)) {
    problems.push(
      problem(['services', key], `the built-in worker needs a consumer on ${source}; ${cure}`, 'key'),
    );
  }
  return problems;
}

const portNames = ({ clientPort, monitorPort, routePort }: NatsServer): string[] =>
  routePort === undefined ? [clientPort, monitorPort] : [clientPort, monitorPort, routePort];

function portProblems({ nats, ports, serviceNames, services }: Draft): Problem[] {
  const withPort = services
    .filter(({ value }) => value.port !== undefined || value.builtin !== undefined)
    .map(({ key }) => key);
  const servers = natsServers({ nats: { servers: nats?.servers ?? 1 } });
  // Those of one server say where the ports of a cluster begin.
  const known = [
    ...new Set(['nats', 'nats-monitor', ...servers.flatMap(portNames), POSTGRES_SERVICE, ...withPort]),
  ];
  return Object.keys(ports ?? {}).flatMap((name): Problem[] => {
    if (known.includes(name)) return [];
    const unreadable = serviceNames.includes(name) && !services.some(({ key }) => key === name);
    if (unreadable) return [];
    const reason = serviceNames.includes(name)
      ? `the service ${shown(name)} has no port of its own; give it \`port:\``
      : unknownWord('no service is called so', name, known);
    return [problem(['ports', name], reason, 'key')];
  });
}
