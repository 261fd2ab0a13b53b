import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { connectNats, observeTopology, parseNatsUrl } from '../../../src/adapters/nats.ts';
import { eventually } from '../../helpers/eventually.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { natsServers, type RunningNats, startNats } from '../../helpers/nats-servers.ts';
import { stream } from '../../helpers/topology.ts';

const signal = new AbortController().signal;
const newest = (await natsServers()).at(-1);
const PATIENCE = { withinMs: 90_000 };
let directory = '';
let running: RunningNats[] = [];

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
  if (directory !== '') await rm(directory, { recursive: true, force: true });
});

async function startThree(): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'nats-listing-'));
  const ports = await freePorts(3);
  const outcomes = await Promise.allSettled(
    ports.map(async (port, at) => {
      const folder = join(directory, `n-${at}`);
      await mkdir(folder);
      const config = join(folder, 'nats.conf');
      const routes = ports.map((each) => `"nats-route://127.0.0.1:${each}"`).join(', ');
      await writeFile(
        config,
        `server_name: "n-${at}"
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
jetstream { store_dir: "${folder}/data", max_memory_store: 16MiB, max_file_store: 64MiB }
cluster { name: "c", listen: "127.0.0.1:${port}", no_advertise: true, routes: [${routes}] }
`,
      );
      running[at] = await startNats(newest!, config, folder);
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

const clientOf = (at: number) =>
  connectNats(parseNatsUrl(`nats://127.0.0.1:${running[at]!.port}`), { signal, timeoutMs: 6_000 });

test.skipIf(newest === undefined)(
  'a stream whose server is silent is told as such, not as missing, and is there when the server is back',
  async () => {
    await startThree();
    await using first = await clientOf(0);
    await eventually(
      () => first.createStream({ ...stream('ALONE', 'alone.>'), maxBytes: 1024 ** 2, replicas: 1 }),
      PATIENCE,
    );
    const holder = Number((await first.leadership('ALONE', 2_000))?.leader?.slice(2));
    expect([0, 1, 2]).toContain(holder);
    const { pid } = running[holder]!;
    process.kill(pid, 'SIGSTOP');
    try {
      await using other = await clientOf((holder + 1) % 3);
      await eventually(
        () =>
          expect(other.listStreams()).rejects.toMatchObject({
            code: 'NOT_READY',
            message: expect.stringContaining('ALONE: there, but no server'),
          }),
        PATIENCE,
      );
      const observed = observeTopology(other);
      process.kill(pid, 'SIGCONT');
      expect((await observed).streams.map(({ name }) => name)).toEqual(['ALONE']);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  },
  240_000,
);
