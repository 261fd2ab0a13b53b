import { createServer } from 'node:net';

/**
 * Addresses that are tried, one after another. Binding only 127.0.0.1 is not enough: with SO_REUSEADDR, which Node
 * always sets, some systems let it succeed beside a server on 0.0.0.0. The IPv6 ones are tried because `localhost`
 * may mean ::1, where another server would answer in our place.
 */
const ADDRESSES = ['127.0.0.1', '0.0.0.0', '::1', '::'] as const;

/** Errors of an address that this machine does not have; any other one means that the port cannot be used. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/** `free`, or the errno of the bind that failed: EADDRINUSE, or EACCES below 1024. */
export async function probePort(port: number): Promise<'free' | (string & {})> {
  for (const host of ADDRESSES) {
    const code = await bind(port, host);
    if (code !== null && !NO_SUCH_ADDRESS.has(code)) return code;
  }
  return 'free';
}

const bind = (port: number, host: string): Promise<string | null> =>
  new Promise((done) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(null)));
  });
