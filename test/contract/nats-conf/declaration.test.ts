import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderNatsConf } from '../../../src/render/nats-conf.ts';
import { planBudget } from '../../../src/topology/budget.ts';
import { findOverlaps, reservedFor } from '../../../src/topology/subjects.ts';
import { natsServers, type RunningNats, startNats } from '../../helpers/nats-servers.ts';
import { someTopology } from '../../helpers/topology.ts';

/** What devenv refuses before a start must be what servers refuse, and nothing that they would take. */
const servers = await natsServers();
let directory: string;
let running: RunningNats | undefined;
let connection: NatsConnection | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devenv-declaration-'));
});
afterEach(async () => {
  await connection?.close();
  await running?.stop();
  await rm(directory, { recursive: true, force: true });
});

const KIB = 1024;

describe.each(servers.map((server) => [server.version, server] as const))(
  'nats-server %s',
  (_version, server) => {
    async function start(maxFileStore: number, maxMemoryStore: number): Promise<void> {
      const path = join(directory, 'nats.conf');
      const text = renderNatsConf({
        ...someTopology().nats,
        version: server.version,
        serverName: 'declaration',
        host: '127.0.0.1',
        port: -1,
        monitorHost: '127.0.0.1',
        monitorPort: -1,
        storeDir: join(directory, 'store'),
        maxFileStore,
        maxMemoryStore,
        users: [{ user: 'u', password: 'p' }],
        tls: null,
      });
      await writeFile(path, text, { mode: 0o600 });
      running = await startNats(server, path, directory);
      connection = await connect({
        servers: `127.0.0.1:${running.port}`,
        user: 'u',
        pass: 'p',
        reconnect: false,
      });
    }

    /** JetStream's error code, 0 when the stream was made. */
    async function make(name: string, settings: Record<string, unknown>): Promise<number> {
      const body = JSON.stringify({ name, retention: 'limits', num_replicas: 1, ...settings });
      const answer = await connection!.request(`$JS.API.STREAM.CREATE.${name}`, body, { timeout: 5_000 });
      return answer.json<{ error?: { err_code: number } }>().error?.err_code ?? 0;
    }

    it.each([
      ['file', 10047, [40 * KIB, 20 * KIB, 4 * KIB, 1, -1], 3],
      ['memory', 10028, [40 * KIB, 20 * KIB, 4 * KIB, 1, -1], 3],
      ['file', 10047, [-1, 65 * KIB, 63 * KIB, -1, 1023], 4],
    ] as const)(
      'must run out of %s storage (%i) where the budget does: %j',
      async (storage, exhausted, sizes, fitting) => {
        const limit = 64 * KIB;
        await start(limit, limit);
        const made: { name: string; maxBytes: number }[] = [];
        for (const [index, maxBytes] of sizes.entries()) {
          const [sample] = someTopology().streams;
          const planned = [...made, { name: `S${index}`, maxBytes }];
          const { ok } = planBudget({
            nats: { ...someTopology().nats, maxFileStore: limit, maxMemoryStore: limit },
            streams: planned.map((stream) => ({ ...sample!, ...stream, storage })),
          });
          const code = await make(`S${index}`, { subjects: [`s${index}`], storage, max_bytes: maxBytes });
          expect({ maxBytes, code }).toEqual({ maxBytes, code: ok ? 0 : exhausted });
          if (code === 0) made.push({ name: `S${index}`, maxBytes });
        }
        expect(made).toHaveLength(fitting);
      },
    );

    it('must refuse the subjects that overlap, and take the ones that do not', async () => {
      await start(64 * KIB, 64 * KIB);
      const made: { name: string; subjects: string[] }[] = [];
      const tries = [
        ['messages.ingest.>'],
        ['messages.>'],
        ['messages.dlq.>'],
        ['messages.*.Order'],
        ['messages.ingest'],
        ['chat.*.pre', 'chat.*.post'],
        ['chat.1.pre'],
        ['a.*', 'a.b'],
        ['b.c', 'b.c'],
        ['$JS.API.>'],
        ['$JS.EVENT.ADVISORY.>'],
        ['events*'],
        ['events.x'],
      ];
      for (const [index, subjects] of tries.entries()) {
        const name = `S${index}`;
        const all = [...made.flatMap((stream) => stream.subjects), ...subjects];
        const expected =
          findOverlaps(all.map((pattern) => ({ pattern }))).length === 0 &&
          !subjects.some((subject) => reservedFor(subject));
        const code = await make(name, { subjects, storage: 'memory', max_bytes: 100 });
        expect({ subjects, refused: [10052, 10065].includes(code) }).toEqual({
          subjects,
          refused: !expected,
        });
        if (code === 0) made.push({ name, subjects });
      }
      expect(made).toHaveLength(7);
    });
  },
);

it('must have had a server to ask', (context) => {
  if (servers.length === 0) context.skip('no nats-server is at hand; the reasons are printed above');
});
