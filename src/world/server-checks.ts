import { connect } from 'node:net';
import type { Check, CheckOptions, ServerChecks } from '../engine/world.ts';

/** Readiness by protocol. The clients are imported when they are first needed: `devenv env` needs none of them. */
export const serverChecks: ServerChecks = {
  nats: async (url, options) => (await import('../adapters/nats.ts')).checkNats(url, options),
  postgres: async (url, options) => (await import('../adapters/postgres.ts')).checkPostgres(url, options),
  http: async (url, options) => (await import('../adapters/http.ts')).checkHttp(url, options),
  tcp: checkTcp,
};

function checkTcp(port: number, { signal, timeoutMs }: CheckOptions): Promise<Check> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: timeoutMs });
    const answer = (ready: boolean, detail: string) => {
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      resolve({ ready, detail: `connect to 127.0.0.1:${port}: ${detail}` });
    };
    const aborted = () => answer(false, 'aborted');
    signal.addEventListener('abort', aborted, { once: true });
    socket.once('connect', () => answer(true, 'accepted'));
    socket.once('timeout', () => answer(false, `no answer within ${timeoutMs} ms`));
    socket.once('error', (error) => answer(false, error.message));
  });
}
