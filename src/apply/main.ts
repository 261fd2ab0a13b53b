/**
 * A stand-alone program: applies the declared streams and consumers of one account to its NATS servers. Environment:
 * NATS_URL, with TLS also NATS_CA and, where the servers ask for them, NATS_CERT and NATS_KEY (paths of PEM files), and
 * TOPOLOGY (`{streams, consumers}` of topology/model.ts as JSON, which devenv writes). Waits for the servers up to 60 s,
 * prints one JSON line on stdout, exits 0 or 1.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { applyTopology, checkNats, connectNats, parseNatsUrl } from '../adapters/nats.ts';
import { DevenvError, describeError } from '../errors.ts';
import type { NatsAccess } from '../topology/deployment.ts';
import { declaredTopology } from './declared-topology.ts';

const WAIT_MS = 60_000;
const ATTEMPT_MS = 2_000;
const PAUSE_MS = 50;
const REQUEST_MS = 5_000;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stop.abort(new DevenvError('INTERRUPTED', `stopped by ${name}`)));
}

process.exitCode = await run(stop.signal).then(
  (changes) => report({ applied: true, changes }, 0),
  (error: unknown) => report({ applied: false, error: describeError(error) }, 1),
);

async function run(signal: AbortSignal): Promise<string[]> {
  const text = process.env.NATS_URL;
  if (!text) throw new DevenvError('USAGE', 'NATS_URL is not set, expected nats://user:password@host:4222');
  const declared = declaredTopology(process.env.TOPOLOGY);
  const access = { ...parseNatsUrl(text), ...(await tlsOf(process.env)) };
  await waitForNats(access, signal);
  await using client = await connectNats(access, { signal, timeoutMs: REQUEST_MS, name: 'devenv-apply' });
  return await applyTopology(client, declared, { signal });
}

async function tlsOf({ NATS_CA, NATS_CERT, NATS_KEY }: NodeJS.ProcessEnv): Promise<Pick<NatsAccess, 'tls'>> {
  if (!NATS_CA) return {};
  const read = (variable: string, path: string) =>
    readFile(path, 'utf8').catch((cause: unknown) => {
      throw new DevenvError('USAGE', `${variable} names ${path}, which cannot be read`, { cause });
    });
  return {
    tls: {
      ca: await read('NATS_CA', NATS_CA),
      ...(NATS_CERT && { cert: await read('NATS_CERT', NATS_CERT) }),
      ...(NATS_KEY && { key: await read('NATS_KEY', NATS_KEY) }),
    },
  };
}

async function waitForNats(access: NatsAccess, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const { ready, detail } = await checkNats(access, { signal, timeoutMs: ATTEMPT_MS });
    if (ready) return;
    if (performance.now() >= deadline) {
      throw new DevenvError(
        'NOT_READY',
        `NATS was not ready within ${WAIT_MS / 1000} s; last seen: ${detail}`,
      );
    }
    await delay(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function report(line: object, status: number): number {
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return status;
}
