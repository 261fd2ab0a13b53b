import { natsAccess, toServer } from '../render/environment.ts';
import type { Deployment, NatsAccess } from '../topology/deployment.ts';
import { adminName, type NatsUser } from '../topology/users.ts';
import type { AuthTrial } from './engine.ts';
import type { AuthDesk } from './world.ts';

/** Why a server neither lets anybody in nor refuses anybody, by `host:port`. */
export type SilentServers = ReadonlyMap<string, string>;

/** Asked once: what hangs for one user hangs for all of them, and each would wait for it. */
export async function silentServers(
  desk: AuthDesk,
  access: NatsAccess,
  options: LoginOptions,
): Promise<SilentServers> {
  const asked = await Promise.all(
    access.servers.map(async (server): Promise<[string, string][]> => {
      const { accepted, detail } = await desk.login(toServer(access, server), options);
      return accepted || detail === 'refused' ? [] : [[server, detail]];
    }),
  );
  return new Map(asked.flat());
}

interface LoginOptions {
  signal: AbortSignal;
  timeoutMs: number;
}

/** A log-in that is to be refused. */
interface Intruder {
  /** In words: with what. */
  what: string;
  access: NatsAccess;
}

/** On every server, because each decides by a configuration of its own: as declared, and in ways that look right and are not. */
export async function loginTrials(
  desk: AuthDesk,
  deployment: Deployment,
  user: NatsUser,
  silent: SilentServers,
  options: LoginOptions,
): Promise<AuthTrial[]> {
  const login = async (access: NatsAccess, server: string): ReturnType<AuthDesk['login']> => {
    const detail = silent.get(server);
    return detail === undefined ? desk.login(toServer(access, server), options) : { accepted: false, detail };
  };
  const access = natsAccess(deployment, user.name, 'host');
  const credential = await desk.forged(access.credential);
  const intruders: Intruder[] = [
    {
      what: user.auth === 'nkey' ? 'another key pair' : 'a wrong password',
      access: { ...access, credential },
    },
    ...(user.name === adminName(deployment.topology, deployment.topology.accounts[0]?.name ?? '')
      ? outsiders(access)
      : []),
  ];
  const trials = await Promise.all(
    access.servers.map(async (server): Promise<AuthTrial[]> => {
      const { accepted, detail } = await login(access, server);
      const own: AuthTrial = {
        deed: 'log in',
        subject: server,
        expected: 'allowed',
        seen: accepted ? 'allowed' : detail === 'refused' ? 'denied' : 'unknown',
        why: `${user.auth} log-in`,
        detail,
      };
      const refused = intruders.map(async (intruder): Promise<AuthTrial> => {
        const outcome = await login(intruder.access, server);
        // Without TLS, or a certificate, it is the handshake that fails; a server that does not answer has refused nobody.
        const isRefused = outcome.detail === 'refused' || accepted;
        return {
          deed: 'log in',
          subject: `${server} with ${intruder.what}`,
          expected: 'denied',
          seen: outcome.accepted ? 'allowed' : isRefused ? 'denied' : 'unknown',
          why: intruder.what,
          detail: outcome.detail,
        };
      });
      return [own, ...(await Promise.all(refused))];
    }),
  );
  return trials.flat();
}

/** Whom a server lets in does not depend on who tries; asked once. */
function outsiders(access: NatsAccess): Intruder[] {
  const { tls, ...plain } = access;
  return [
    {
      what: 'no credentials',
      access: { ...access, user: '', credential: { kind: 'password', password: '' } },
    },
    ...(tls === undefined ? [] : [{ what: 'no TLS', access: plain }]),
    ...(tls?.cert === undefined
      ? []
      : [{ what: 'no certificate', access: { ...plain, tls: { ca: tls.ca } } }]),
  ];
}
