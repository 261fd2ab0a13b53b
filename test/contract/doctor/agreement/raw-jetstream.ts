import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import { freePort } from '../../../helpers/free-ports.ts';
import { type NatsServerBinary, startNats } from '../../../helpers/nats-servers.ts';

export interface RawServer extends AsyncDisposable {
  port: number;
  connect(options?: ConnectionOptions): Promise<NatsConnection>;
  stop(): Promise<void>;
  /** On the same port, with the same store. */
  restart(): Promise<void>;
}

/** A real server with JetStream, without what devenv would put between a test and its answers. */
export async function startRawServer(binary: NatsServerBinary, more = ''): Promise<RawServer> {
  const directory = await mkdtemp(join(tmpdir(), 'devenv-agreement-'));
  const file = join(directory, 'nats.conf');
  const write = (port: number): Promise<void> =>
    writeFile(
      file,
      `listen: "127.0.0.1:${port}"\nhttp: "127.0.0.1:-1"\njetstream { store_dir: "${directory}/data" }\n${more}\n`,
    );
  try {
    // Not one of the server's choice: clients that look for it while it is stopped could be given that for themselves.
    const port = await freePort();
    await write(port);
    let running = await startNats(binary, file, directory);
    const connections: NatsConnection[] = [];
    return {
      port,
      async connect(options = {}) {
        const connection = await connect({ servers: `127.0.0.1:${port}`, timeout: 30_000, ...options });
        connections.push(connection);
        return connection;
      },
      stop: () => running.stop(),
      async restart() {
        await write(port);
        running = await startNats(binary, file, directory);
      },
      async [Symbol.asyncDispose]() {
        for (const connection of connections) await connection.close();
        await running.stop();
        await rm(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** The server's error code and text; null when it agreed. */
export type Refusal = { code: number; text: string } | null;

/** One request to the JetStream API, with a body that nobody has checked or completed. */
export async function ask(
  connection: NatsConnection,
  subject: string,
  body: unknown = '',
): Promise<{ refusal: Refusal; answer: Record<string, unknown> }> {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const message = await connection.request(`$JS.API.${subject}`, payload, { timeout: 5_000 });
  const answer = message.json<
    Record<string, unknown> & { error?: { err_code: number; description: string } }
  >();
  const { error } = answer;
  return { answer, refusal: error === undefined ? null : { code: error.err_code, text: error.description } };
}

export const nanos = (ms: number): number => ms * 1_000_000;

export const createStream = (connection: NatsConnection, name: string, ...subjects: string[]) =>
  ask(connection, `STREAM.CREATE.${name}`, { name, subjects, storage: 'memory' });

export const createConsumer = (
  connection: NatsConnection,
  stream: string,
  config: Readonly<Record<string, unknown>> & { durable_name: string },
) =>
  ask(connection, `CONSUMER.DURABLE.CREATE.${stream}.${config.durable_name}`, {
    stream_name: stream,
    config: { ack_policy: 'explicit', ...config },
  });
