import type { Deployment, NatsCredential } from '../topology/deployment.ts';
import { permissionsOf } from '../topology/permissions.ts';
import { type NatsServer, serverName } from '../topology/servers.ts';
import { natsUsers } from '../topology/users.ts';
import { renderNatsConf } from './nats-conf.ts';
import type { ConfAccess, ConfUser } from './nats-conf-access.ts';
import { serverTlsPaths } from './tls-files.ts';

/** Where one server finds itself and the others: addresses and folders as the server sees them. */
export interface ServerPlace {
  /** Address that the server listens on, for everything. */
  host: string;
  clientPort: number;
  monitorPort: number;
  storeDir: string;
  /** Folder of ca.pem, cert.pem and key.pem. */
  tlsFolder: string;
  /** Needed when there are several servers. */
  route?: { port: number; peers: readonly string[] };
  /** Version of the server that will read the file. */
  version?: string;
}

/** The account that every server has without being told. */
const GLOBAL_ACCOUNT = '$G';

/** The nats.conf of one server of a deployment. Throws CONFIG_INVALID for what the file cannot carry. Pure. */
export function serverConf(deployment: Deployment, server: NatsServer, place: ServerPlace): string {
  const { environment, topology, secrets } = deployment;
  const { nats } = topology;
  const { host, route } = place;
  return renderNatsConf({
    serverName: serverName(environment.id, server),
    host,
    port: place.clientPort,
    monitorHost: host,
    monitorPort: place.monitorPort,
    storeDir: place.storeDir,
    maxMemoryStore: nats.maxMemoryStore,
    maxFileStore: nats.maxFileStore,
    maxPayload: nats.maxPayload,
    maxPending: nats.maxPending,
    maxConnections: nats.maxConnections,
    syncInterval: nats.syncInterval,
    ...accessOf(deployment),
    ...(nats.tls === null
      ? {}
      : { tls: { ...serverTlsPaths(place.tlsFolder), verifyClients: nats.tls.verifyClients } }),
    ...(route === undefined
      ? {}
      : {
          cluster: {
            name: environment.id,
            host,
            port: route.port,
            routes: secrets.routes,
            peers: route.peers,
            tags: [`az:${server.number}`],
          },
        }),
    ...(place.version === undefined ? {} : { version: place.version }),
  });
}

function accessOf({ topology, secrets }: Deployment): ConfAccess {
  const everybody = natsUsers(topology);
  const usersOf = (account: string): ConfUser[] =>
    everybody
      .filter((user) => user.account === account)
      .map((user) => ({
        user: user.name,
        ...login(user.name, secrets.nats[user.name]),
        permissions: permissionsOf(user, topology),
      }));
  const { accounts, systemAccount } = topology;
  return {
    users: usersOf(GLOBAL_ACCOUNT),
    accounts: [...accounts.filter(({ name }) => name !== GLOBAL_ACCOUNT), systemAccount].map(
      ({ name, jetstream }) => ({ name, jetstream, users: usersOf(name) }),
    ),
    systemAccount: systemAccount.name,
  };
}

function login(
  name: string,
  credential: NatsCredential | undefined,
): { password: string } | { nkey: string } {
  switch (credential?.kind) {
    case 'password':
      return { password: credential.password };
    case 'bcrypt':
      return { password: credential.hash };
    case 'nkey':
      return { nkey: credential.publicKey };
    default:
      throw new Error(`the secrets hold no credential of the user "${name}"`);
  }
}
