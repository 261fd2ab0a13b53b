import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what Linux and macOS give to outgoing connections, one of which could take the port before its server does. */
const [FIRST, AFTER_LAST] = [15_000, 32_000];

/** Not a second time: its server may be about to start, or to come back. */
const given = new Set<number>();

/** Ports that nobody listened on a moment ago, on any address, all different, in all calls of this process. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(FIRST, AFTER_LAST);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

export const freePort = async (): Promise<number> => (await freePorts(1))[0]!;

/** Without an address: a listener on whichever one is in the way. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
