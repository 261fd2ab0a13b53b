import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import { errorText } from '../message-status.ts';
import type { Readiness } from '../readiness.ts';

/** `GET /healthz`, `/readyz`, `/metrics`. Three routes need no framework. */
export async function startHealthServer(
  address: { host: string; port: number },
  parts: { readiness: () => Promise<Readiness>; registry: Registry },
): Promise<Server> {
  const server = createServer(async (request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    const json = (status: number, body: object) =>
      send(status, 'application/json; charset=utf-8', JSON.stringify(body));
    try {
      const path = request.url?.split('?')[0];
      if (request.method !== 'GET') json(405, { error: 'METHOD_NOT_ALLOWED', message: 'only GET' });
      else if (path === '/healthz') json(200, { status: 'alive' });
      else if (path === '/readyz') {
        const readiness = await parts.readiness();
        json(readiness.status === 'ready' ? 200 : 503, readiness);
      } else if (path === '/metrics') send(200, parts.registry.contentType, await parts.registry.metrics());
      else json(404, { error: 'NOT_FOUND', message: `no route ${request.url}` });
    } catch (error) {
      json(500, { error: 'INTERNAL', message: errorText(error) });
    }
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}
