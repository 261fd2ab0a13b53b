import type { Role, Service, Topology } from './model.ts';
import { roleSubjects } from './role-subjects.ts';
import { covers, intersects, tokensOf } from './subjects.ts';
import type { NatsUser } from './users.ts';

/** What the servers let a user do; patterns. Where `allow` is empty, `deny` is everything. */
export interface Permissions {
  publish: SubjectPermissions;
  subscribe: SubjectPermissions;
  /** May answer each request that it received, on the reply subject that the request names, as often as it likes. */
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
  const needed = roleSubjects(user, topology, services);
  const publish = [...user.publishes, ...user.requests, ...needed.publish];
  const subscribe = [
    ...user.subscribes,
    ...user.serves,
    ...needed.subscribe,
    // Whoever asks needs the answer: without it a publish fails although the message is stored.
    ...(publish.length > 0 ? [`${user.inboxPrefix}.>`] : []),
  ];
  return {
    publish: closed(publish, RESERVED_TO_PUBLISH, needed.publishNot),
    subscribe: closed(subscribe, RESERVED_TO_SUBSCRIBE),
    allowResponses: user.serves.length > 0,
  };
}

/** Does a user's role say nothing at all? */
export const isIdle = ({ publishes, subscribes, works, requests, serves, observes }: Role): boolean =>
  [publishes, subscribes, works, requests, serves, observes].every((part) => part.length === 0);

const createsNothing = ({ creates }: Service): boolean =>
  creates.streams.length + creates.consumers.length === 0;

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
function closed(
  patterns: readonly string[],
  reserved: readonly string[],
  withheld: readonly string[] = [],
): SubjectPermissions {
  const allow = unique(patterns);
  if (allow.length === 0) return { allow: [], deny: ['>'] };
  const open = allow.filter((pattern) => ['*', '>'].includes(tokensOf(pattern)[0] ?? ''));
  const named = allow.filter((pattern) => !open.includes(pattern));
  const deny = reserved.filter(
    (pattern) =>
      open.some((wide) => intersects(wide, pattern)) && !named.some((narrow) => intersects(narrow, pattern)),
  );
  return { allow, deny: [...new Set([...deny, ...withheld])] };
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
