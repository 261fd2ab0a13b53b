import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, nanos } from '@nats-io/transport-node';
import pg from 'pg';
import { eventually } from '../helpers/eventually.ts';
import { natsServers, startNats } from '../helpers/nats-servers.ts';
import { ORDER_ENTITY } from '../helpers/pipeline-entities.ts';
import { startPostgres } from '../helpers/postgres-server.ts';

const pipeline = join(dirname(fileURLToPath(import.meta.url)), 'pipeline');

/** nats-server, Postgres, API and worker as devenv runs them on the process runtime. */
export interface ThroughputStack extends AsyncDisposable {
  nats: NatsConnection;
  database: pg.Client;
  apiPort: number;
  natsVersion: string;
}

const STREAM = {
  storage: 'file',
  retention: 'limits',
  max_bytes: 1024 ** 3,
  max_age: nanos(24 * 3_600_000),
  duplicate_window: nanos(120_000),
} as const;

/** The same configuration for the stream of the pipeline and for the one that is published to directly. */
export async function declareStream(nats: NatsConnection, name: string, subject: string): Promise<void> {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ ...STREAM, name, subjects: [subject] });
}

export async function startStack(): Promise<ThroughputStack> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await startParts((closer) => closers.push(closer))), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  defer: (closer: () => Promise<unknown>) => void,
): Promise<Omit<ThroughputStack, keyof AsyncDisposable>> {
  const directory = await mkdtemp(join(tmpdir(), 'throughput-'));
  defer(() => rm(directory, { recursive: true, force: true }));
  const server = (await natsServers()).at(-1);
  if (server === undefined) throw new Error('no nats-server at hand');
  const config = join(directory, 'nats.conf');
  await writeFile(
    config,
    `listen: "127.0.0.1:-1"\nhttp: "127.0.0.1:-1"\njetstream { store_dir: "${directory}", max_file_store: 8GiB }\n`,
  );
  const natsServer = await startNats(server, config, directory);
  defer(() => natsServer.stop());
  const postgres = await startPostgres();
  defer(() => postgres.stop());

  const nats = await connect({ servers: `127.0.0.1:${natsServer.port}` });
  defer(() => nats.close());
  await declareStream(nats, 'MESSAGES', 'messages.ingest.>');
  await declareStream(nats, 'MESSAGESDLQ', 'messages.dlq.>');
  await (await jetstreamManager(nats)).consumers.add('MESSAGES', {
    durable_name: 'workers',
    ack_policy: 'explicit',
    max_deliver: 5,
    backoff: [250, 1000, 5000, 15_000].map(nanos),
    max_ack_pending: 1000,
  });
  const database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
  defer(() => database.end());

  const environment = {
    PATH: process.env.PATH,
    NATS_URL: `nats://127.0.0.1:${natsServer.port}`,
    DATABASE_URL: postgres.url,
    ENTITIES: JSON.stringify([ORDER_ENTITY]),
    LOG_LEVEL: 'info',
  };
  await promisify(execFile)(process.execPath, [join(pipeline, 'migrate.js')], { env: environment });
  const [apiPort, workerPort] = [await freePort(), await freePort()];
  for (const [name, port] of [
    ['api', apiPort],
    ['worker', workerPort],
  ] as const) {
    const child = run(name, { ...environment, PORT: String(port) });
    defer(() => end(child));
    await eventually(
      async () => {
        const response = await fetch(`http://127.0.0.1:${port}/readyz`);
        if (!response.ok) throw new Error(`${name} is not ready: ${await response.text()}`);
      },
      { withinMs: 10_000 },
    );
  }
  return { nats, database, apiPort, natsVersion: server.version };
}

/** PIPELINE_PROFILE=<folder> writes a CPU profile of each program there. */
function run(name: string, env: NodeJS.ProcessEnv): ChildProcess {
  const folder = process.env.PIPELINE_PROFILE;
  const profile = folder
    ? ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`]
    : [];
  const child = spawn(process.execPath, [...profile, join(pipeline, `${name}.js`)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
