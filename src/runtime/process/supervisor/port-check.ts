import { createServer } from 'node:net';

/**
 * The first of these ports that somebody listens on, by name. Binding is the only question whose answer counts: it is
 * what the service is about to do. Costs well under a millisecond per port.
 */
export async function firstTakenPort(ports: Readonly<Record<string, number>>): Promise<string | undefined> {
  const taken = await Promise.all(
    Object.entries(ports).map(async ([name, port]) => ((await canBind(port)) ? undefined : name)),
  );
  return taken.find((name) => name !== undefined);
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
