import {
  block,
  type Field,
  field,
  integer,
  list,
  type Statement,
  text,
  unfit,
  word,
} from './nats-conf-syntax.ts';
import type { TlsPaths } from './tls-files.ts';

export interface ConfTls extends TlsPaths {
  /** Clients have to show a certificate of the same authority. */
  verifyClients: boolean;
}

export interface ConfCluster {
  name: string;
  /** Where the other servers connect. */
  host: string;
  port: number;
  /** What the servers show each other. */
  routes: { user: string; password: string };
  /** `host:port` of all servers, itself included: by their number a new cluster knows how many it waits for. */
  peers: readonly string[];
  /** Server tags such as `az:1`. */
  tags: readonly string[];
}

/** A busy machine takes longer than the server's own two seconds for a handshake now and then. */
const HANDSHAKE_SECONDS = 5;

/** TLS for clients. */
export const clientTls = (tls: ConfTls): Statement =>
  block(
    'tls',
    [...files(tls), ...(tls.verifyClients ? [field('verify', word('true'))] : [])],
    'Clients connect by TLS only.',
  );

const files = ({ ca, cert, key }: TlsPaths): Field[] => [
  field('ca_file', text(ca, 'The file of the authority')),
  field('cert_file', text(cert, 'The file of the certificate')),
  field('key_file', text(key, 'The file of the key')),
  field('timeout', integer(HANDSHAKE_SECONDS, 'timeout', { min: 1, max: 60 })),
];

/** What makes one server of several. */
export function cluster(
  { name, host, port, routes, peers, tags }: ConfCluster,
  tls: ConfTls | undefined,
): Statement[] {
  if (name === '' || /\s/u.test(name)) throw unfit('The name of the cluster', 'it must be one word');
  if (routes.user === '' || routes.password === '')
    throw unfit('The routes', 'user and password must not be empty');
  const userinfo = `${urlPart(routes.user)}:${urlPart(routes.password)}`;
  return [
    field(
      'server_tags',
      list(tags.map((tag) => text(tag, 'A server tag'))),
      'Copies of a stream are placed by these.',
    ),
    block(
      'cluster',
      [
        field('name', text(name, 'The name of the cluster')),
        field('host', text(host, 'The host of the routes')),
        field('port', integer(port, 'The port of the routes', { min: 1, max: 65_535 })),
        field(
          'no_advertise',
          word('true'),
          'Clients are given every address already; what a server in a container knows of itself they could not reach.',
        ),
        block('authorization', [
          field('user', text(routes.user, 'The user of the routes')),
          field('password', text(routes.password, 'The password of the routes')),
        ]),
        field('routes', list(peers.map((peer) => text(`nats-route://${userinfo}@${peer}`, 'A route')))),
        ...(tls === undefined ? [] : [block('tls', [...files(tls), field('verify', word('true'))])]),
      ],
      'The other servers.',
    ),
  ];
}

function urlPart(value: string): string {
  if (!value.isWellFormed()) throw unfit('The routes', 'half of a surrogate pair is no character');
  return encodeURIComponent(value);
}
