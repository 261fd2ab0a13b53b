import { natsAccess, toServer } from '../render/environment.ts';
import type { Deployment, NatsAccess } from '../topology/deployment.ts';
import { adminName, type NatsUser } from '../topology/users.ts';
import type { AuthTrial } from './engine.ts';
import type { AuthDesk } from './world.ts';

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
  options: { signal: AbortSignal; timeoutMs: number },
): Promise<AuthTrial[]> {
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
      const { accepted, detail } = await desk.login(toServer(access, server), options);
      const own: AuthTrial = {
        deed: 'log in',
        subject: server,
        expected: 'allowed',
        seen: accepted ? 'allowed' : detail === 'refused' ? 'denied' : 'unknown',
        why: `${user.auth} log-in`,
        detail,
      };
      const refused = intruders.map(async (intruder): Promise<AuthTrial> => {
        const outcome = await desk.login(toServer(intruder.access, server), options);
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
