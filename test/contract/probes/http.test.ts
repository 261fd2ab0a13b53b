import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { checkHttp, checkTcp, requestHttp } from '../../../src/adapters/http.ts';

const signal = new AbortController().signal;
const bounds = { signal, timeoutMs: 20_000 };
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<{ url: string; port: number }> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, port: address.port };
}

test('sends method, headers and body, and returns what came back', async () => {
  const { url } = await serve((request, response) => {
    request.setEncoding('utf8').on('data', (text) => {
      response
        .writeHead(202, { 'x-seen': `${request.method} ${request.headers['x-key']}` })
        .end(`got ${text}`);
    });
  });
  const answer = await requestHttp(url, {
    ...bounds,
    method: 'POST',
    headers: { 'x-key': 'k' },
    body: '{"ü":1}',
  });
  expect(answer).toMatchObject({ status: 202, text: 'got {"ü":1}', headers: { 'x-seen': 'POST k' } });
});

test('readiness tells what was asked and answered', async () => {
  const { url, port } = await serve((request, response) => {
    response.writeHead(request.url === '/readyz' ? 200 : 503).end('{"postgres":\n "away"}');
  });
  expect(await checkHttp(`${url}/readyz`, bounds)).toEqual({ ready: true, detail: 'GET /readyz → 200' });
  expect(await checkHttp(`${url}/x`, bounds)).toEqual({
    ready: false,
    detail: 'GET /x → 503 {"postgres": "away"}',
  });
  expect(await checkTcp(port, bounds)).toMatchObject({ ready: true });
});

test('a closed port, silence and an endless answer end by the deadline', async () => {
  expect(await checkHttp('http://127.0.0.1:1/readyz', bounds)).toEqual({
    ready: false,
    detail: 'GET /readyz: connection refused',
  });
  expect(await checkTcp(1, bounds)).toMatchObject({
    ready: false,
    detail: expect.stringContaining('refused'),
  });
  const { url } = await serve((request, response) => {
    if (request.url === '/endless') for (let at = 0; at < 40; at += 1) response.write('x'.repeat(64 * 1024));
  });
  expect(await checkHttp(`${url}/silent`, { signal, timeoutMs: 300 })).toEqual({
    ready: false,
    detail: 'GET /silent: no answer within 300 ms',
  });
  const endless = await checkHttp(`${url}/endless`, bounds);
  expect(endless).toMatchObject({ ready: false, detail: expect.stringContaining('longer than 1 MiB') });
});
