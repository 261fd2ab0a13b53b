import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, nanos } from '@nats-io/transport-node';
import { build } from 'esbuild';
import pg from 'pg';
import { eventually } from '../../helpers/eventually.ts';
import { freePort } from '../../helpers/free-ports.ts';
import { natsServers, type RunningNats, startNats } from '../../helpers/nats-servers.ts';
import { ORDER_ENTITY } from '../../helpers/pipeline-entities.ts';
import { type PostgresServer, startPostgres } from '../../helpers/postgres-server.ts';
import { type RunningProgram, runProgram } from '../../helpers/typescript-program.ts';

export type ProgramName = 'api' | 'worker' | 'migrate';

/** Characters that break a URL that is put together or taken apart carelessly. */
const USER = 'pipe line';
const PASSWORD = 'p@ss:w/rd#%41';

/** Bundles the programs as the build does, each into one file. */
export async function bundlePipeline(directory: string): Promise<Record<ProgramName, string>> {
  const programs = ['api', 'worker', 'migrate'] as const;
  await build({
    absWorkingDir: resolve(import.meta.dirname, '../../..'),
    entryPoints: Object.fromEntries(programs.map((name) => [name, `src/pipeline/${name}/main.ts`])),
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    external: ['pg-native'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return {
    api: join(directory, 'api.mjs'),
    worker: join(directory, 'worker.mjs'),
    migrate: join(directory, 'migrate.mjs'),
  };
}

export interface StandOptions {
  ackWaitMs?: number;
  maxDeliver?: number;
  backoffMs?: readonly number[];
  maxPayload?: number;
  ingestMaxBytes?: number;
}

/** Real servers, the declared streams and consumer, migrated tables; api and worker are started by the test. */
export class Stand {
  readonly directory: string;
  readonly programs: Record<ProgramName, string>;
  readonly postgres: PostgresServer;
  readonly database: pg.Pool;
  readonly natsPort: number;
  readonly options: StandOptions;
  readonly #running: RunningProgram[] = [];
  #nats: RunningNats | undefined;
  #connection: NatsConnection | undefined;

  private constructor(parts: Pick<Stand, 'directory' | 'programs' | 'postgres' | 'natsPort' | 'options'>) {
    this.directory = parts.directory;
    this.programs = parts.programs;
    this.postgres = parts.postgres;
    this.natsPort = parts.natsPort;
    this.options = parts.options;
    this.database = new pg.Pool({ connectionString: parts.postgres.url, max: 2 });
    this.database.on('error', () => {});
  }

  static async start(options: StandOptions = {}): Promise<Stand> {
    const directory = await mkdtemp(join(tmpdir(), 'pipeline-test-'));
    const stand = new Stand({
      directory,
      options,
      programs: await bundlePipeline(directory),
      postgres: await startPostgres(),
      natsPort: await freePort(),
    });
    try {
      await stand.startNats();
      await stand.declareStream('MESSAGES', 'messages.ingest.>', options.ingestMaxBytes);
      await stand.declareStream('MESSAGESDLQ', 'messages.dlq.>');
      await stand.declareConsumer();
      const migrated = await stand.run('migrate').exit;
      if (migrated.code !== 0) throw new Error(`migrate failed: ${migrated.stderr}`);
    } catch (error) {
      await stand.stop();
      throw error;
    }
    return stand;
  }

  get natsUrl(): string {
    return `nats://${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.natsPort}`;
  }

  get connection(): NatsConnection {
    if (this.#connection === undefined) throw new Error('NATS is not running');
    return this.#connection;
  }

  manager() {
    return jetstreamManager(this.connection);
  }

  async startNats(): Promise<void> {
    const config = join(this.directory, 'nats.conf');
    await writeFile(
      config,
      `listen: "127.0.0.1:${this.natsPort}"
http: "127.0.0.1:-1"
max_payload: ${this.options.maxPayload ?? 1024 * 1024}
jetstream { store_dir: "${this.directory}/nats", max_memory_store: 0, max_file_store: 1GiB }
authorization { user: "${USER}", password: "${PASSWORD}" }
`,
    );
    const server = (await natsServers()).at(-1);
    if (server === undefined) throw new Error('no nats-server at hand');
    this.#nats = await startNats(server, config, this.directory);
    this.#connection = await connect({
      servers: `127.0.0.1:${this.natsPort}`,
      user: USER,
      pass: PASSWORD,
      reconnect: false,
    });
  }

  /** SIGKILL, as a crash would; what is on disk stays. */
  async killNats(): Promise<void> {
    await this.#nats?.stop();
    await this.#connection?.close();
    this.#connection = undefined;
  }

  async declareStream(name: string, subject: string, maxBytes = 64 * 1024 * 1024): Promise<void> {
    const manager = await this.manager();
    await manager.streams.add({
      name,
      subjects: [subject],
      storage: 'file',
      max_bytes: maxBytes,
      discard: 'new',
      duplicate_window: nanos(120_000),
    });
  }

  async declareConsumer(): Promise<void> {
    const { ackWaitMs = 30_000, maxDeliver = 5, backoffMs = [300, 600] } = this.options;
    const manager = await this.manager();
    await manager.consumers.add('MESSAGES', {
      durable_name: 'workers',
      ack_policy: 'explicit',
      // With a backoff the server takes its first value as ack_wait.
      ...(backoffMs.length > 0 ? { backoff: backoffMs.map(nanos) } : { ack_wait: nanos(ackWaitMs) }),
      max_deliver: maxDeliver,
      max_ack_pending: 5000,
    });
  }

  run(program: ProgramName, variables: Record<string, string> = {}): RunningProgram {
    const running = runProgram(process.execPath, [this.programs[program]], {
      env: {
        PATH: process.env.PATH ?? '',
        NATS_URL: this.natsUrl,
        DATABASE_URL: this.postgres.url,
        ENTITIES: JSON.stringify([ORDER_ENTITY]),
        HOST: '127.0.0.1',
        ...variables,
      },
    });
    this.#running.push(running);
    return running;
  }

  async startApi(variables: Record<string, string> = {}): Promise<{ url: string; program: RunningProgram }> {
    const port = await freePort();
    const program = this.run('api', { PORT: String(port), ...variables });
    const url = `http://127.0.0.1:${port}`;
    await becomes(`${url}/readyz`, 200, program);
    return { url, program };
  }

  async startWorker(
    variables: Record<string, string> = {},
  ): Promise<{ url: string; program: RunningProgram }> {
    const port = await freePort();
    const program = this.run('worker', { PORT: String(port), ...variables });
    const url = `http://127.0.0.1:${port}`;
    await becomes(`${url}/readyz`, 200, program);
    return { url, program };
  }

  async rows(table: string, where = 'true', values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.database.query(`SELECT * FROM ${table} WHERE ${where}`, values)).rows;
  }

  async stop(): Promise<void> {
    for (const program of this.#running) program.child.kill('SIGKILL');
    await Promise.all(this.#running.map(({ exit }) => exit));
    await this.database.end();
    await this.killNats();
    await this.postgres.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Waits until a URL answers with a status; a program that ends meanwhile is an error with its last words. */
export async function becomes(url: string, status: number, program?: RunningProgram): Promise<unknown> {
  let over: string | undefined;
  void program?.exit.then(({ code, stdout, stderr }) => {
    over = `exit ${code}: ${stdout}${stderr}`;
  });
  return eventually(
    async () => {
      if (over !== undefined) throw new Error(over);
      const response = await fetch(url);
      const body = await response.text();
      if (response.status !== status) throw new Error(`${url}: ${response.status} ${body}`);
      return JSON.parse(body) as unknown;
    },
    { withinMs: 60_000, everyMs: 10 },
  );
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  };
}

export interface Status {
  status: string;
  retry_count: number;
  error_message: string | null;
  processed_at: string | null;
}

/** Polls a message's status until it is `wanted`; returns every different status that was seen on the way. */
export async function statusBecomes(
  api: string,
  id: unknown,
  wanted: string,
): Promise<{ last: Status; seen: string[] }> {
  const seen: string[] = [];
  return eventually(
    async () => {
      const response = await fetch(`${api}/ingest/status/${id}`);
      const last = (await response.json()) as Status;
      if (seen.at(-1) !== last.status) seen.push(last.status);
      if (last.status !== wanted) throw new Error(`status of ${id} is ${JSON.stringify(last)}, seen ${seen}`);
      return { last, seen };
    },
    { withinMs: 60_000, everyMs: 2 },
  );
}
