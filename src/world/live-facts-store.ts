import { readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import type { Bounds } from '../adapters/deadline.ts';
import type { LiveServer } from '../doctor/facts.ts';
import { EngineClient } from '../runtime/docker/engine-client.ts';
import { layoutOf, natsStoreOf } from '../runtime/process/layout.ts';
import type { Deployment, Environment } from '../topology/deployment.ts';
import { reading, unknown } from './live-facts-reading.ts';

type Store = Pick<LiveServer, 'stored' | 'disk'>;

/** The store of one server as it lies on the disk, whatever the server makes of it. */
export async function lookAtStore(
  deployment: Deployment,
  service: string,
  container: string | undefined,
  bounds: Bounds,
): Promise<Store> {
  if (deployment.runtime === 'docker') {
    if (container === undefined) return none('it has no container');
    const text = await reading(bounds, ({ signal }) => listInContainer(container, signal));
    return text.ok ? storeFromListing(text.value) : { stored: text, disk: text };
  }
  const folder = natsStoreOf(layoutOf(deployment.environment), service);
  const [stored, disk] = await Promise.all([
    storedByProcess(deployment.environment, service, bounds),
    reading(bounds, async () => {
      const { bavail, blocks, bsize } = await statfs(folder);
      return { free: bavail * bsize, total: blocks * bsize };
    }),
  ]);
  return { stored, disk };
}

/** Of the process runtime, whether or not the server runs. */
export const storedByProcess = (
  environment: Environment,
  service: string,
  bounds: Bounds,
): Promise<Store['stored']> =>
  reading(bounds, () => streamFolders(join(natsStoreOf(layoutOf(environment), service), 'jetstream')));

const none = (reason: string): Store => ({ stored: unknown(reason), disk: unknown(reason) });

/** `<store>/jetstream/<account>/streams/<stream>`, as nats-server lays it out. A folder that is not there holds none. */
async function streamFolders(root: string): Promise<string[]> {
  const accounts = await foldersIn(root);
  const found = await Promise.all(
    accounts.map(async (account) =>
      (await foldersIn(join(root, account, 'streams'))).map((stream) => `${account}/${stream}`),
    ),
  );
  return found.flat();
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const STORE = '/data';
/** Whatever the folders are called, one line each; then the disk as POSIX prints it, in KiB. */
const LISTING = `ls -1d ${STORE}/jetstream/*/streams/*/ 2>/dev/null; df -Pk ${STORE}`;
const LONGEST_LISTING = 1 << 20;

/** Images without a shell cannot be asked; that is the reason then. */
async function listInContainer(container: string, signal: AbortSignal): Promise<string> {
  const docker = await new EngineClient().dockerode();
  const execution = await docker.getContainer(container).exec({
    Cmd: ['sh', '-c', LISTING],
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
    abortSignal: signal,
  });
  const stream = await execution.start({ Tty: true, abortSignal: signal });
  try {
    let text = '';
    for await (const chunk of stream) {
      text += chunk;
      if (text.length > LONGEST_LISTING) throw new Error('the listing of its store is longer than 1 MiB');
    }
    const { ExitCode }: Dockerode.ExecInspectInfo = await execution.inspect({ abortSignal: signal });
    if (ExitCode === 126 || ExitCode === 127) throw new Error('its image has no shell to look with');
    return text;
  } finally {
    stream.destroy();
  }
}

/** What LISTING prints. Pure. */
export function storeFromListing(text: string): Store {
  const lines = text.split(/\r?\n/);
  const value = lines.flatMap((line) => {
    const [, account, stream] = /\/jetstream\/([^/]+)\/streams\/([^/]+)\/$/.exec(line) ?? [];
    return account === undefined || stream === undefined ? [] : [`${account}/${stream}`];
  });
  // Filesystem, blocks, used, available, capacity, mount point; a long name of the first breaks the line in two.
  const [, total, free] = /\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s/.exec(text) ?? [];
  const disk: Store['disk'] =
    total === undefined || free === undefined
      ? unknown('df says something else')
      : { ok: true, value: { free: Number(free) * 1024, total: Number(total) * 1024 } };
  return { stored: { ok: true, value }, disk };
}
