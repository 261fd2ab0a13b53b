import { join } from 'node:path';
import type { Deployment } from '../topology/deployment.ts';
import type { RenderedFile } from './rendered-file.ts';

/** Folder of all of it within the state folder, closed to other users (0700): what is in `client/` need not be. */
export const TLS_FOLDER = 'tls';
export const SERVER_FOLDER = `${TLS_FOLDER}/server`;
export const CLIENT_FOLDER = `${TLS_FOLDER}/client`;

/** Where the two folders are mounted inside containers. */
export const MOUNTED_SERVER_FOLDER = '/etc/nats/tls';
export const MOUNTED_CLIENT_FOLDER = '/etc/nats-tls';

/** Paths of PEM files, as whoever reads them sees them. */
export interface TlsPaths {
  ca: string;
  cert: string;
  key: string;
}

/** The material of a deployment as files; empty without TLS. Clients get a certificate only when they have to show one. */
export function tlsFiles({ topology, secrets, runtime }: Deployment): RenderedFile[] {
  if (topology.nats.tls === null) return [];
  const { tls } = secrets;
  if (tls === undefined) throw new Error('nats.tls is on, and the secrets hold no certificates');
  const file = (path: string, content: string, mode = 0o644): RenderedFile => ({ path, content, mode });
  const client = [
    file(`${CLIENT_FOLDER}/cert.pem`, tls.client.cert),
    // Inside a container the reader is whoever the image says, and root's 0600 would shut it out.
    file(`${CLIENT_FOLDER}/key.pem`, tls.client.key, runtime === 'docker' ? 0o644 : 0o600),
  ];
  return [
    file(`${SERVER_FOLDER}/ca.pem`, tls.ca),
    file(`${SERVER_FOLDER}/cert.pem`, tls.server.cert),
    file(`${SERVER_FOLDER}/key.pem`, tls.server.key, 0o600),
    file(`${CLIENT_FOLDER}/ca.pem`, tls.ca),
    ...(topology.nats.tls.verifyClients ? client : []),
  ];
}

/** What a server is configured with, below the folder where it sees the files. */
export const serverTlsPaths = (folder: string): TlsPaths => ({
  ca: join(folder, 'ca.pem'),
  cert: join(folder, 'cert.pem'),
  key: join(folder, 'key.pem'),
});

/**
 * What a client needs: the authority, and a certificate of its own when the servers ask for one. `inside` is as a
 * service sees it, `host` as this machine does. undefined without TLS.
 */
export function clientTlsPaths(
  { topology, environment, runtime }: Deployment,
  from: 'host' | 'inside',
): { ca: string; cert?: string; key?: string } | undefined {
  const { tls } = topology.nats;
  if (tls === null) return undefined;
  const mounted = from === 'inside' && runtime === 'docker';
  const folder = mounted ? MOUNTED_CLIENT_FOLDER : join(environment.stateDir, CLIENT_FOLDER);
  const { ca, cert, key } = serverTlsPaths(folder);
  return tls.verifyClients ? { ca, cert, key } : { ca };
}
