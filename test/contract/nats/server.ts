import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNatsUrl } from '../../../src/adapters/nats.ts';
import type { NatsAccess } from '../../../src/topology/deployment.ts';
import { type NatsServerBinary, startNats } from '../../helpers/nats-servers.ts';

export const USER = 'dev';
/** Everything that a URL has to percent-encode. */
export const PASSWORD = 'p@:/ #%?x';

export const urlFor = (port: number, password = PASSWORD): string =>
  `nats://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}`;

export const accessFor = (port: number, password = PASSWORD): NatsAccess =>
  parseNatsUrl(urlFor(port, password));

export interface TestServer extends AsyncDisposable {
  url: string;
  access: NatsAccess;
  port: number;
}

/** A real server of the given version in a folder of its own. */
export async function startServer(
  binary: NatsServerBinary,
  jetstream = 'max_memory_store: 16MiB, max_file_store: 64MiB',
) {
  const directory = await mkdtemp(join(tmpdir(), 'nats-adapter-'));
  const config = join(directory, 'nats.conf');
  const block = jetstream === '' ? '' : `jetstream { store_dir: "${directory}/data", ${jetstream} }`;
  await writeFile(
    config,
    `listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
${block}
authorization { user: "${USER}", password: "${PASSWORD}" }
`,
  );
  try {
    const running = await startNats(binary, config, directory);
    const stop = async () => {
      await running.stop();
      await rm(directory, { recursive: true, force: true });
    };
    const { port } = running;
    return { url: urlFor(port), access: accessFor(port), port, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}
