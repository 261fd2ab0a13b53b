import { natsServers } from '../../topology/servers.ts';
import type { LiveFacts } from '../facts.ts';
import { known } from './readings.ts';

/** A client that was not let in. */
export interface Refusal {
  server: string;
  at: string;
  /** As the client called itself: a name, or a public key. */
  user: string;
}

/** Something that a client was not allowed. */
export interface Violation {
  server: string;
  at: string;
  deed: 'publish' | 'subscribe';
  user: string;
  subject: string;
}

/** Lines of the servers only: a service may write anything into its own log. */
export function serverLines({ log, deployment }: Pick<LiveFacts, 'log' | 'deployment'>): LiveFacts['log'] {
  const servers = new Set(natsServers(deployment.topology).map(({ service }) => service));
  return log.filter(({ service }) => servers.has(service));
}

/** Log-ins that a server refused, without those that devenv tried itself. */
export const refusals = (facts: LiveFacts): Refusal[] =>
  serverLines(facts).flatMap(({ service, at, text }) => {
    const line = parseServerLine(text);
    return line?.kind === 'refused' && !isOurs(facts, service, line)
      ? [{ server: service, at, user: nameOf(facts, line.user) }]
      : [];
  });

/** What servers refused to those who were let in, without what devenv tried itself (`devenv auth test`). */
export const violations = (facts: LiveFacts): Violation[] =>
  serverLines(facts).flatMap(({ service, at, text }) => {
    const line = parseServerLine(text);
    if (line?.kind !== 'violation' || isOurs(facts, service, line)) return [];
    return [{ server: service, at, deed: line.deed, user: nameOf(facts, line.user), subject: line.subject }];
  });

export type ServerLine = { cid: number; client: string; user: string } & (
  | { kind: 'refused' }
  | { kind: 'violation'; deed: 'publish' | 'subscribe'; subject: string }
);

/**
 * What a nats-server writes about clients that it refuses something. The three generations differ:
 *
 *     2.9   … - cid:14 - "v3.4.0:nats.js:worker" - Publish Violation - User "w", Subject "$JS.ACK.S.C.1"
 *     2.10  … - cid:14 - Publish Violation - User "w", Subject "$JS.ACK.S.C.1"
 *     2.15  … - cid:14 - "v3.4.0:nats.js:worker" - "APP/user:w" - Publish Violation - Subject "$JS.ACK.S.C.1"
 *
 * `client` is empty where the line does not tell it. Pure.
 */
export function parseServerLine(text: string): ServerLine | null {
  const [, cid, between, what] =
    /cid:(\d+)((?: - "[^"]*")*) - (authentication error.*|(?:Publish|Subscription) Violation.*)$/.exec(
      text,
    ) ?? [];
  if (cid === undefined || between === undefined || what === undefined) return null;
  const labels = [...between.matchAll(/"([^"]*)"/g)].map(([, label = '']) => label);
  const owner = labels.map((label) => /^[^/]*\/(?:user|nkey|token|jwt):(.*)$/.exec(label)?.[1]).find(Boolean);
  const client = labels.map((label) => /^v[^:]*:[^:]*:(.*)$/.exec(label)?.[1]).find(Boolean) ?? '';
  const user = /(?:User|Nkey|Token|JWT User) "([^"]*)"/i.exec(what)?.[1] ?? owner ?? '';
  if (what.startsWith('auth')) return { kind: 'refused', cid: Number(cid), client, user };
  const subject = /(?:Subject|Reply) "([^"]*)"/.exec(what)?.[1];
  if (subject === undefined) return null;
  const deed = what.startsWith('Publish') ? 'publish' : 'subscribe';
  return { kind: 'violation', deed, cid: Number(cid), client, user, subject };
}

/** 2.10 writes no client names; the list of connections, also of closed ones, has them by their number. */
function isOurs({ servers }: LiveFacts, server: string, { client, cid }: ServerLine): boolean {
  const listed = servers
    .filter(({ name }) => name === server)
    .flatMap(({ connections }) => known(connections) ?? [])
    .find((connection) => connection.cid === cid);
  return /^devenv(-|$)/.test(client === '' ? (listed?.name ?? '') : client);
}

/** A key pair is known by its user's name to whoever reads the declaration. */
function nameOf({ deployment }: LiveFacts, user: string): string {
  const owner = Object.entries(deployment.secrets.nats).find(
    ([, credential]) => credential.kind === 'nkey' && credential.publicKey === user,
  );
  return owner?.[0] ?? user;
}
