import { randomBytes } from 'node:crypto';
import type { KnownSecrets } from '../engine/world.ts';
import type { NatsCredential, Secrets, TlsMaterial } from '../topology/deployment.ts';
import type { Topology, UserAuth } from '../topology/model.ts';
import { natsServers } from '../topology/servers.ts';
import { natsUsers } from '../topology/users.ts';

/** 192 bits in base64url: letters, digits, `-` and `_`, so that no URL, shell or file format needs to escape it. */
const newPassword = (): string => randomBytes(24).toString('base64url');

/**
 * Credentials for everybody who may log in. What is known is kept as long as its kind is the declared one; users that
 * are not declared any more are dropped, so that their passwords end with the next rendered nats.conf.
 */
export async function secretsFor(topology: Topology, known: KnownSecrets | null): Promise<Secrets> {
  const users = natsUsers(topology);
  const nats = await Promise.all(
    users.map(async ({ name, auth }): Promise<[string, NatsCredential]> => {
      const before =
        known?.nats !== undefined && Object.hasOwn(known.nats, name) ? known.nats[name] : undefined;
      return [name, before?.kind === auth ? before : await newCredential(auth)];
    }),
  );
  const tls = await tlsFor(topology, known?.tls);
  return {
    nats: Object.fromEntries(nats),
    routes: known?.routes ?? { user: 'route', password: newPassword() },
    postgres: known?.postgres ?? { user: 'devenv', password: newPassword() },
    ...(tls !== undefined && { tls }),
  };
}

/** Libraries are loaded by the kinds that need them: most environments have passwords only. */
export async function newCredential(auth: UserAuth): Promise<NatsCredential> {
  switch (auth) {
    case 'password':
      return { kind: 'password', password: newPassword() };
    case 'bcrypt': {
      const { bcryptHash } = await import('../adapters/bcrypt.ts');
      const password = newPassword();
      return { kind: 'bcrypt', password, hash: await bcryptHash(password) };
    }
    case 'nkey': {
      const { newUserKeys } = await import('../adapters/nkeys.ts');
      return { kind: 'nkey', ...newUserKeys() };
    }
  }
}

/** Kept while TLS is off, so that turning it on again brings the same authority back. */
async function tlsFor(topology: Topology, known: TlsMaterial | undefined): Promise<TlsMaterial | undefined> {
  if (topology.nats.tls === null) return known;
  const names = natsServers(topology).map(({ service }) => service);
  const { currentTlsMaterial, newTlsMaterial } = await import('./tls.ts');
  return known === undefined ? newTlsMaterial(names) : currentTlsMaterial(known, names);
}
