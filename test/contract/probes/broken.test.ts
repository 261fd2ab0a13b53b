import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ProbeContext, ProbeReport } from '../../../src/probes/probe.ts';
import { freePort } from '../../helpers/free-ports.ts';
import { quickestOf } from '../../helpers/quickest.ts';
import { becomes, Stand } from '../pipeline/stand.ts';
import { BACKOFF_MS, contextFor, leftovers, NOTHING, runProbe } from './context.ts';

let stand: Stand;
let api: string;
let worker: Awaited<ReturnType<Stand['startWorker']>>;

beforeAll(async () => {
  stand = await Stand.start({ backoffMs: BACKOFF_MS });
  api = (await stand.startApi()).url;
});
beforeEach(async () => {
  worker = await stand.startWorker();
});
afterAll(() => stand?.stop());

const context = (parts: Partial<ProbeContext> = {}) => contextFor(stand, { api, worker: worker.url }, parts);

const stopWorker = async () => {
  worker.program.child.kill('SIGKILL');
  await worker.program.exit;
};

/** Nothing after the broken hop was tried. */
function expectBroken(report: ProbeReport, hop: string, error: RegExp, fix: RegExp): void {
  expect(report.hops.filter(({ status }) => status === 'failed')).toMatchObject([
    { hop, error: expect.stringMatching(error) },
  ]);
  expect(report).toMatchObject({ status: 'failed', brokenHop: hop, fix: expect.stringMatching(fix) });
  const at = report.hops.findIndex((candidate) => candidate.hop === hop);
  expect(report.hops.slice(0, at).every(({ status }) => status === 'passed')).toBe(true);
  expect(report.hops.slice(at + 1).every(({ status }) => status === 'skipped')).toBe(true);
}

describe('the first broken hop is named', () => {
  test('worker stopped: the status never becomes processing', async () => {
    await stopWorker();
    const report = await runProbe('flow', context());
    expectBroken(
      report,
      'status processing',
      /last seen: .*"status":"pending"/,
      /worker is not ready .*refused/,
    );
    const broken = report.hops.find(({ status }) => status === 'failed');
    expect(broken?.evidence.log).toEqual([expect.stringContaining('last words of worker')]);
    expect(await leftovers(stand)).toEqual(NOTHING);
  });

  test('consumer deleted', async () => {
    const manager = await stand.manager();
    await manager.consumers.delete('MESSAGES', 'workers');
    const report = await runProbe('flow', context());
    expectBroken(report, 'consumer MESSAGES/workers exists', /found none/, /devenv up/);
    const later = await runProbe('duplicate', context());
    expectBroken(
      later,
      'status completed',
      /"status":"pending"/,
      /consumer MESSAGES\/workers does not exist/,
    );
    await stand.declareConsumer();
    await stopWorker();
  });

  test('dead letter stream missing', async () => {
    const manager = await stand.manager();
    await manager.streams.delete('MESSAGESDLQ');
    for (const name of ['malformed', 'poison']) {
      const report = await runProbe(name, context());
      expectBroken(report, 'stream MESSAGESDLQ exists', /expected a stream MESSAGESDLQ/, /devenv up/);
    }
    await stand.declareStream('MESSAGESDLQ', 'messages.dlq.>');
    await stopWorker();
  });

  test('ingest stream missing', async () => {
    const manager = await stand.manager();
    await manager.streams.delete('MESSAGES');
    const report = await runProbe('flow', context());
    expectBroken(report, 'api: GET /readyz → 200', /503.*stream/, /MESSAGES does not exist/);
    await stand.declareStream('MESSAGES', 'messages.ingest.>');
    await stand.declareConsumer();
    await becomes(`${api}/readyz`, 200);
    await stopWorker();
  });

  test('API away', async () => {
    const away = `http://127.0.0.1:${await freePort()}`;
    const report = await runProbe('flow', contextFor(stand, { api: away, worker: worker.url }));
    expectBroken(report, 'api: GET /readyz → 200', /connection refused/, /devenv logs api/);
    await stopWorker();
  });

  test('wrong NATS password, wrong Postgres password; neither is told', async () => {
    const { endpoints } = context();
    const wrong = { ...endpoints.nats, credential: { kind: 'password', password: 'hunter2' } as const };
    const nats = await runProbe('flow', context({ endpoints: { ...endpoints, nats: wrong } }));
    expectBroken(nats, 'NATS answers', /credentials refused/, /devenv logs nats/);
    const databaseUrl = endpoints.databaseUrl.replace(/:[^:@]*@/, ':hunter2@');
    const postgres = await runProbe('retry', context({ endpoints: { ...endpoints, databaseUrl } }));
    expectBroken(postgres, 'Postgres answers', /password authentication failed/, /devenv logs postgres/);
    expect(JSON.stringify([nats, postgres])).not.toContain('hunter2');
    await stopWorker();
  });

  test('a worker that writes something else', async () => {
    await stand.database.query(`
      CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.clerk := 'nobody'; RETURN NEW; END $$;
      CREATE TRIGGER spoil BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION spoil()`);
    const report = await runProbe('flow', context());
    expectBroken(
      report,
      '1 row in orders',
      /"clerk":"Clerk#7".*"clerk":"nobody"/,
      /Compare the declared fields/,
    );
    await stand.database.query('DROP TRIGGER spoil ON orders');
    expect(await leftovers(stand)).toEqual(NOTHING);
    await stopWorker();
  });
});

describe('an interrupted probe', () => {
  test('ends at once with the reason and cleans up', async () => {
    await stopWorker();
    const interrupted = async () => {
      const stop = new AbortController();
      const reason = new Error('Ctrl-C');
      const running = runProbe('flow', context({ signal: stop.signal }));
      setTimeout(() => stop.abort(reason), 300);
      await expect(running).rejects.toBe(reason);
      expect(await leftovers(stand)).toEqual(NOTHING);
    };
    expect(await quickestOf(interrupted, { enoughMs: 1_800 })).toBeLessThan(1_800);
  });
});
