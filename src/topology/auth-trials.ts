import type { Topology } from './model.ts';
import { allows, type Permissions, permissionsOf } from './permissions.ts';
import { covers } from './subjects.ts';
import { type NatsUser, natsUsers } from './users.ts';

/**
 * One thing that a user tries, and what the declaration says about it.
 * - `publish`, `subscribe`: the permission alone, asked so that nothing is delivered or stored.
 * - `ask`: a request that changes nothing, with its answer. `store`: a publish that the stream refuses, with its answer.
 * - `answer`: replies to a request that it received.
 */
export interface Trial {
  deed: 'publish' | 'subscribe' | 'ask' | 'store' | 'answer';
  subject: string;
  expected: 'allowed' | 'denied';
  /** In the words of the declaration. */
  why: string;
}

/**
 * What a user must be able to do, and what it must not: the subjects of its own role, then everything near it that would
 * do harm: JetStream's API, other users' subjects and replies, other accounts' streams, the system. `token` is a word
 * that nobody else uses; it stands in the place of wildcards. Pure.
 */
export function trialsOf(user: NatsUser, topology: Topology, token: string): Trial[] {
  const permissions = permissionsOf(user, topology);
  return [
    ...allowedTrials(user, permissions, topology, token),
    ...deniedTrials(user, permissions, topology, token),
  ];
}

/** A subject that the pattern matches and that is nobody's. */
const sample = (pattern: string, token: string): string =>
  pattern
    .split('.')
    .map((word) => (word === '*' || word === '>' ? token : word))
    .join('.');

function allowedTrials(
  user: NatsUser,
  permissions: Permissions | null,
  topology: Topology,
  token: string,
): Trial[] {
  const yes = (deed: Trial['deed'], subject: string, why: string): Trial => ({
    deed,
    subject,
    expected: 'allowed',
    why,
  });
  const own = `devenv-auth.${token}`;
  if (permissions === null) {
    const why = user.kind === 'service' ? 'declares no role' : 'everything within its account';
    const account = topology.accounts.find(({ name }) => name === user.account);
    return [
      yes('publish', own, why),
      yes('subscribe', own, why),
      ...(user.kind === 'monitor' ? [yes('ask', '$SYS.REQ.SERVER.PING', 'reads the servers')] : []),
      ...(user.kind === 'admin' && account !== undefined && account.jetstream !== null
        ? [yes('ask', '$JS.API.INFO', `JetStream of the account ${account.name}`)]
        : []),
    ];
  }
  const streams = topology.streams.filter(({ account }) => account === user.account);
  return [
    ...permissions.publish.allow.map((pattern) =>
      yes('publish', sample(pattern, token), whyOf(user, pattern)),
    ),
    ...permissions.subscribe.allow.map((pattern) => yes('subscribe', pattern, whyOf(user, pattern))),
    ...user.works.map(({ stream, consumer }) =>
      yes('ask', `$JS.API.CONSUMER.INFO.${stream}.${consumer}`, `works ${stream}/${consumer}`),
    ),
    ...user.observes.map((stream) => yes('ask', `$JS.API.STREAM.INFO.${stream}`, `observes ${stream}`)),
    ...user.publishes.flatMap((pattern) => {
      const subject = sample(pattern, token);
      const kept = streams.some(({ subjects }) => subjects.some((one) => covers(one, subject)));
      return kept ? [yes('store', subject, `publishes ${pattern}`)] : [];
    }),
    ...(permissions.allowResponses ? [yes('answer', own, `serves ${user.serves.join(', ')}`)] : []),
  ];
}

/** The part of the role that a pattern comes from. */
function whyOf(user: NatsUser, pattern: string): string {
  for (const part of ['publishes', 'subscribes', 'requests', 'serves'] as const) {
    if (user[part].includes(pattern)) return `${part} ${pattern}`;
  }
  if (pattern === `${user.inboxPrefix}.>`) return 'receives its replies';
  return 'what its role needs of JetStream';
}

function deniedTrials(
  user: NatsUser,
  permissions: Permissions | null,
  topology: Topology,
  token: string,
): Trial[] {
  if (permissions === null) return [];
  const seen = new Set<string>();
  const no = (deed: 'publish' | 'subscribe', subject: string, why: string): Trial[] => {
    const isNew = seen.size < seen.add(`${deed} ${subject}`).size;
    return isNew && !allows(permissions, deed, subject) ? [{ deed, subject, expected: 'denied', why }] : [];
  };
  const others = natsUsers(topology).filter(({ name }) => name !== user.name);
  return [
    ...no('publish', `devenv-auth.${token}`, 'no part of its role'),
    ...no('subscribe', `devenv-auth.${token}`, 'no part of its role'),
    ...no('subscribe', '>', 'everything of everybody'),
    ...no('subscribe', '$JS.API.>', "everybody's requests to JetStream"),
    ...no('subscribe', '_INBOX.>', "everybody's replies"),
    ...no('publish', '$SYS.REQ.SERVER.PING', 'belongs to the system account'),
    ...no('subscribe', '$SYS.>', 'belongs to the system account'),
    ...no('publish', `$JS.API.STREAM.CREATE.${token}`, 'creates a stream'),
    ...topology.streams.flatMap(({ name }) => [
      ...no('publish', `$JS.API.STREAM.DELETE.${name}`, `deletes ${name}`),
      ...no('publish', `$JS.API.STREAM.PURGE.${name}`, `empties ${name}`),
      ...no('publish', `$JS.API.STREAM.UPDATE.${name}`, `changes ${name}`),
      ...no('publish', `$JS.API.STREAM.MSG.DELETE.${name}`, `deletes messages of ${name}`),
      ...no('publish', `$JS.API.STREAM.MSG.GET.${name}`, `reads messages of ${name}`),
      ...no('publish', `$JS.API.CONSUMER.CREATE.${name}.${token}`, `makes a consumer on ${name}`),
      ...no('publish', `$JS.API.CONSUMER.DURABLE.CREATE.${name}.${token}`, `makes a durable on ${name}`),
    ]),
    ...topology.consumers.flatMap(({ stream, name }) => [
      ...no('publish', `$JS.API.CONSUMER.CREATE.${stream}.${name}`, `changes ${stream}/${name}`),
      ...no('publish', `$JS.API.CONSUMER.DELETE.${stream}.${name}`, `deletes ${stream}/${name}`),
      ...no('publish', `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, `takes messages of ${stream}/${name}`),
      ...no('publish', `$JS.ACK.${stream}.${name}.1.1.1.1.1`, `acks messages of ${stream}/${name}`),
    ]),
    ...topology.streams.flatMap(({ name, account, subjects }) =>
      subjects.flatMap((pattern) =>
        no(
          'publish',
          sample(pattern, token),
          account === user.account ? `writes into ${name}` : `a subject of the account ${account}`,
        ),
      ),
    ),
    ...others.flatMap((other) => [
      ...[...other.publishes, ...other.requests].flatMap((pattern) =>
        no('publish', sample(pattern, token), `the role of ${other.name}`),
      ),
      ...[...other.subscribes, ...other.serves, `${other.inboxPrefix}.>`].flatMap((pattern) =>
        no('subscribe', pattern, `the role of ${other.name}`),
      ),
    ]),
    ...(permissions.allowResponses || allows(permissions, 'publish', `devenv-auth.${token}`)
      ? []
      : [
          {
            deed: 'answer',
            subject: `devenv-auth.${token}`,
            expected: 'denied',
            why: 'it serves nothing',
          } as const,
        ]),
  ];
}
