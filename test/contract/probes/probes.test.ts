import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probes } from '../../../src/probes/index.ts';
import type { ProbeReport } from '../../../src/probes/probe.ts';
import { quickestOf } from '../../helpers/quickest.ts';
import { becomes, Stand } from '../pipeline/stand.ts';
import { BACKOFF_MS, contextFor, leftovers, NOTHING, runProbe, told } from './context.ts';

let stand: Stand;
let services: { api: string; worker: string };

beforeAll(async () => {
  stand = await Stand.start({ backoffMs: BACKOFF_MS });
  const [api, worker] = await Promise.all([stand.startApi(), stand.startWorker()]);
  services = { api: api.url, worker: worker.url };
});
afterAll(() => stand?.stop());

const DEFAULTS = probes.filter(({ isDefault }) => isDefault).map(({ name }) => name);

describe('on a healthy pipeline', () => {
  test.each(DEFAULTS)('%s passes, tells each hop, and leaves nothing behind', async (name) => {
    const context = contextFor(stand, services);
    const report = await runProbe(name, context);
    expect(told(report).filter((line) => !line.startsWith('passed'))).toEqual([]);
    expect(report).toMatchObject({ probe: name, status: 'passed' });
    expect(report.key).toMatch(new RegExp(`^PROBE-${name}-`));
    expect(context.events).toEqual(
      report.hops.map(({ hop, status, ms }) => ({ type: 'probe-hop', probe: name, hop, status, ms })),
    );
    expect(JSON.stringify(report)).not.toContain(decodeURIComponent(new URL(stand.natsUrl).password));
    expect(await leftovers(stand)).toEqual(NOTHING);
  });

  test('flow shows each status, the sequence and the rows', async () => {
    const { hops } = await runProbe('flow', contextFor(stand, services));
    const evidence = (hop: string) => hops.find((candidate) => candidate.hop === hop)?.evidence;
    expect(evidence('stream MESSAGES holds the message')).toMatchObject({ sequence: expect.any(Number) });
    expect(evidence('status completed')).toMatchObject({
      status: 'completed',
      retry_count: 0,
      seen: expect.arrayContaining(['processing', 'completed']),
    });
    expect(evidence('1 row in orders')).toMatchObject({ rows: [{ total_price: 1500.5, clerk: 'Clerk#7' }] });
    expect(evidence('2 rows in order_line_items')).toMatchObject({
      rows: [{ quantity: 2 }, { quantity: 1 }],
    });
    expect(evidence('worker acked the message')).toMatchObject({ answer: 'ack' });
  });

  test('poison tells where the dead letter came from', async () => {
    const { hops } = await runProbe('poison', contextFor(stand, services));
    const sequence = hops.find(({ hop }) => hop.startsWith('publish'))?.evidence.sequence;
    expect(hops.at(-1)?.evidence.headers).toMatchObject({
      'Dlq-Original-Stream': 'MESSAGES',
      'Dlq-Original-Sequence': String(sequence),
      'Dlq-Deliveries': '1',
      'Dlq-Error': expect.stringContaining('not JSON'),
    });
  });

  test('all default probes together end well under 1.5 s, side by side and one after another', async () => {
    const passes = (reports: readonly ProbeReport[]) =>
      expect(reports.flatMap(told).filter((line) => !line.startsWith('passed'))).toEqual([]);
    const together = async () =>
      passes(await Promise.all(DEFAULTS.map((name) => runProbe(name, contextFor(stand, services)))));
    const inTurn = async () => {
      for (const name of DEFAULTS) passes([await runProbe(name, contextFor(stand, services))]);
    };
    const togetherMs = await quickestOf(together, { enoughMs: 1_500 });
    const inTurnMs = await quickestOf(inTurn, { enoughMs: 2_500 });
    console.info(`together ${togetherMs.toFixed(0)} ms, in turn ${inTurnMs.toFixed(0)} ms`);
    expect(togetherMs).toBeLessThan(1_500);
    expect(inTurnMs).toBeLessThan(2_500);
    expect(await leftovers(stand)).toEqual(NOTHING);
  });

  test('restart: the server is killed in the middle; nothing is lost, no row is there twice', async () => {
    const killed: string[] = [];
    const control = {
      kill: async (service: string) => {
        killed.push(service);
        await stand.killNats();
      },
      ensureRunning: () => stand.startNats(),
    };
    const report = await runProbe('restart', contextFor(stand, services, { control }));
    expect(told(report).filter((line) => !line.startsWith('passed'))).toEqual([]);
    expect(killed).toEqual(['nats']);
    const shipped = report.hops.find(({ hop }) => hop.includes('while nats is killed'))?.evidence;
    expect(shipped).toMatchObject({ accepted: 60, nats_back_ms: expect.any(Number) });
    expect(shipped?.accepted_before_kill).toBeLessThan(60);
    // Requests that wait out the outage need no second try.
    expect(shipped?.tries).toBeGreaterThanOrEqual(60);
    console.info(
      report.hops.map(({ hop, ms, evidence }) => `${hop} ${ms} ms ${JSON.stringify(evidence)}`).join('\n'),
    );
    expect(await leftovers(stand)).toEqual(NOTHING);
    await becomes(`${services.worker}/readyz`, 200);
  });
});

describe('where there is nothing to probe', () => {
  test('the probe is skipped with the reason', async () => {
    const context = contextFor(stand, services);
    const report = await runProbe('flow', { ...context, topology: { ...context.topology, services: [] } });
    expect(report).toMatchObject({
      status: 'skipped',
      fix: expect.stringContaining('built-in api and worker'),
    });
    const bare = await runProbe('flow', { ...context, topology: { ...context.topology, entities: [] } });
    expect(bare).toMatchObject({ status: 'skipped', fix: expect.stringContaining('no declared entity') });
  });
});
