import type { Consumer, Role, Service, Topology } from './model.ts';
import { covers, intersects, tokensOf } from './subjects.ts';
import type { NatsUser } from './users.ts';

/** What the servers let a user do; patterns. Where `allow` is empty, `deny` is everything. */
export interface Permissions {
  publish: SubjectPermissions;
  subscribe: SubjectPermissions;
  /** May answer each request that it received, on the reply subject that the request names. */
  allowResponses: boolean;
}

export interface SubjectPermissions {
  allow: readonly string[];
  /** Wins over `allow`. */
  deny: readonly string[];
}

/**
 * The least that a role needs, JetStream's own subjects included; null = everything within the account: devenv itself,
 * monitoring, and a service that declares no role, of which nothing is known to be too much.
 * Connected and tried on nats-server 2.9, 2.10 and 2.15; subjects: https://docs.nats.io/reference/reference-protocols/nats_api_reference
 */
export function permissionsOf(user: NatsUser, topology: Topology): Permissions | null {
  if (user.kind === 'admin' || user.kind === 'monitor') return null;
  const services = topology.services.filter(({ name }) => user.services.includes(name));
  if (user.kind === 'service' && isIdle(user) && services.every(createsNothing)) return null;
  const streams = topology.streams.filter(({ account }) => account === user.account);
  const captured = streams.filter(({ subjects }) =>
    subjects.some((pattern) => user.publishes.some((subject) => intersects(pattern, subject))),
  );
  const consumers = user.works.map((work) => ({
    ...work,
    declared: topology.consumers.find(({ stream, name }) => stream === work.stream && name === work.consumer),
  }));
  const publish = [
    ...user.publishes,
    ...user.requests,
    ...captured.flatMap(({ name }) => publishing(name)),
    ...consumers.flatMap(({ stream, consumer, declared }) => working(stream, consumer, declared)),
    ...user.observes.flatMap(observing),
    ...services.flatMap(creating),
  ];
  const subscribe = [
    ...user.subscribes,
    ...user.serves,
    ...consumers.flatMap(({ stream, consumer, declared }) => advisories(stream, consumer, declared)),
    // Whoever asks needs the answer: without it a publish fails although the message is stored.
    ...(publish.length > 0 ? [`${user.inboxPrefix}.>`] : []),
  ];
  return {
    publish: closed(publish, RESERVED_TO_PUBLISH),
    subscribe: closed(subscribe, RESERVED_TO_SUBSCRIBE),
    allowResponses: user.serves.length > 0,
  };
}

/** Does a user's role say nothing at all? */
export const isIdle = ({ publishes, subscribes, works, requests, serves, observes }: Role): boolean =>
  [publishes, subscribes, works, requests, serves, observes].every((part) => part.length === 0);

const createsNothing = ({ creates }: Service): boolean =>
  creates.streams.length + creates.consumers.length === 0;

/** Clients look which stream keeps a subject before they publish, or to explain why none does. */
const publishing = (stream: string): string[] => [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  `$JS.API.STREAM.INFO.${stream}`,
];

/** Newer servers put the domain and a hash of the account before the stream's name in the subject of an ack. */
const working = (stream: string, consumer: string, declared: Consumer | undefined): string[] => [
  '$JS.API.INFO',
  `$JS.API.CONSUMER.INFO.${stream}.${consumer}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
  `$JS.ACK.${stream}.${consumer}.>`,
  `$JS.ACK.*.*.${stream}.${consumer}.>`,
  ...(givesUp(declared) ? [`$JS.API.STREAM.MSG.GET.${stream}`] : []),
];

/** Only notices tell of a message that was given up, by its sequence: the worker reads it off the stream. */
const advisories = (stream: string, consumer: string, declared: Consumer | undefined): string[] =>
  givesUp(declared) ? [`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${consumer}`] : [];

const givesUp = (consumer: Consumer | undefined): boolean =>
  consumer !== undefined && consumer.maxDeliver > 0;

const observing = (stream: string): string[] => [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.>`,
  `$JS.API.CONSUMER.NAMES.${stream}`,
  `$JS.API.CONSUMER.LIST.${stream}`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
];

/** What its own code creates at start, and looks for first. Never update or delete: that could lose messages. */
const creating = ({ creates }: Service): string[] => [
  ...creates.streams.flatMap(({ name }) => [
    '$JS.API.INFO',
    '$JS.API.STREAM.NAMES',
    `$JS.API.STREAM.INFO.${name}`,
    `$JS.API.STREAM.CREATE.${name}`,
  ]),
  ...creates.consumers.flatMap(({ stream, name }) => [
    '$JS.API.INFO',
    `$JS.API.CONSUMER.INFO.${stream}.${name}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${name}`,
    // With one filter the newer form has it in the subject; with several only the older form will do.
    `$JS.API.CONSUMER.CREATE.${stream}.${name}.>`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${name}`,
  ]),
];

/**
 * What NATS says to itself, one entry for each thing that somebody may be allowed alone. A role that begins with a
 * wildcard means its own subjects, not these.
 */
const RESERVED_TO_PUBLISH = [
  '$SYS.>',
  '$JS.ACK.>',
  '$JS.FC.>',
  '$JS.SNAPSHOT.>',
  '$JS.EVENT.>',
  '$JS.API.INFO',
  '$JS.API.ACCOUNT.>',
  '$JS.API.SERVER.>',
  '$JS.API.META.>',
  '$JS.API.DIRECT.GET.>',
  ...['CREATE', 'UPDATE', 'NAMES', 'LIST', 'INFO', 'DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE'].flatMap(
    api('STREAM'),
  ),
  ...['MSG.GET', 'MSG.DELETE', 'PEER', 'LEADER', 'TEMPLATE'].flatMap(api('STREAM')),
  ...['CREATE', 'DURABLE', 'NAMES', 'LIST', 'INFO', 'DELETE', 'PAUSE', 'RESET'].flatMap(api('CONSUMER')),
  ...['MSG', 'LEADER', 'UNPIN'].flatMap(api('CONSUMER')),
];

const RESERVED_TO_SUBSCRIBE = ['$SYS.>', '$JS.API.>', '$JS.ACK.>', '$JS.FC.>', '$JS.SNAPSHOT.>'];

function api(kind: 'STREAM' | 'CONSUMER') {
  return (verb: string): string[] => [`$JS.API.${kind}.${verb}`, `$JS.API.${kind}.${verb}.>`];
}

/** An empty list of what is allowed would mean everything to the server. */
function closed(patterns: readonly string[], reserved: readonly string[]): SubjectPermissions {
  const allow = unique(patterns);
  if (allow.length === 0) return { allow: [], deny: ['>'] };
  const open = allow.filter((pattern) => ['*', '>'].includes(tokensOf(pattern)[0] ?? ''));
  const named = allow.filter((pattern) => !open.includes(pattern));
  const deny = reserved.filter(
    (pattern) =>
      open.some((wide) => intersects(wide, pattern)) && !named.some((narrow) => intersects(narrow, pattern)),
  );
  return { allow, deny };
}

/** Without repetitions and without what another pattern covers already. */
function unique(patterns: readonly string[]): string[] {
  const once = [...new Set(patterns)];
  return once.filter(
    (pattern) =>
      pattern.startsWith('$') || !once.some((other) => other !== pattern && covers(other, pattern)),
  );
}

/** Would the servers let somebody with these permissions publish, or subscribe, to a subject or pattern? */
export function allows(
  permissions: Permissions | null,
  deed: 'publish' | 'subscribe',
  subject: string,
): boolean {
  if (permissions === null) return true;
  const { allow, deny } = permissions[deed];
  return (
    allow.some((pattern) => covers(pattern, subject)) && !deny.some((pattern) => covers(pattern, subject))
  );
}
