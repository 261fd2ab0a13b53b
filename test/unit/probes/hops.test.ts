import { describe, expect, it } from 'vitest';
import { DevenvError } from '../../../src/errors.ts';
import type { DevenvEvent } from '../../../src/events.ts';
import { type Hop, type Route, runHops, until } from '../../../src/probes/hops.ts';
import type { ProbeContext } from '../../../src/probes/probe.ts';
import { NOWHERE, someTopology } from '../../helpers/topology.ts';

function contextOf(parts: Partial<ProbeContext> = {}) {
  const events: DevenvEvent[] = [];
  const context: ProbeContext = {
    topology: someTopology(),
    endpoints: { nats: NOWHERE, natsMonitorUrl: '', databaseUrl: '', services: {} },
    signal: new AbortController().signal,
    emit: (event) => void events.push(event),
    control: { kill: async () => {}, ensureRunning: async () => {} },
    marks: { write: async () => {}, erase: async () => {} },
    lastLogs: async (service) => [{ service, at: '2026-01-01T00:00:00.000Z', text: 'out of memory' }],
    ...parts,
  };
  return { context, events };
}

const hop = (name: string, run: Hop['run'] = async () => {}, parts: Partial<Hop> = {}): Hop => ({
  name,
  withinMs: 1_000,
  fix: `look at ${name}`,
  run,
  ...parts,
});

const route = (hops: readonly Hop[], parts: Partial<Route> = {}): Route => ({
  probe: 'flow',
  key: 'PROBE-flow-1',
  hops,
  diagnose: async () => undefined,
  cleanUp: async () => {},
  ...parts,
});

const fails = async () => {
  throw new Error('expected 202, got 500');
};

describe('removing what was sent', () => {
  it('is told when it fails or does not end in time, and changes no verdict', async () => {
    for (const cleanUp of [fails, () => new Promise<void>(() => {})]) {
      const { context, events } = contextOf();
      const report = await runHops(route([hop('one')], { cleanUp, cleanUpWithinMs: 20 }), context);
      expect(report.status).toBe('passed');
      expect(events.at(-1)).toEqual({
        type: 'note',
        level: 'warn',
        text: 'what probe flow sent could not be removed: messages and rows with PROBE-flow-1 are left',
      });
    }
  });
});

describe('hop by hop', () => {
  it('passes when every hop passes, with the evidence and an event for each', async () => {
    const { context, events } = contextOf();
    const hops = [hop('one', async ({ see }) => see({ sequence: 7 })), hop('two')];
    const report = await runHops(route(hops), context);
    expect(report).toMatchObject({
      probe: 'flow',
      key: 'PROBE-flow-1',
      status: 'passed',
      hops: [
        { hop: 'one', status: 'passed', evidence: { sequence: 7 } },
        { hop: 'two', status: 'passed', evidence: {} },
      ],
    });
    expect(report).not.toHaveProperty('brokenHop');
    expect(events).toMatchObject([
      { type: 'probe-hop', probe: 'flow', hop: 'one', status: 'passed' },
      { type: 'probe-hop', probe: 'flow', hop: 'two', status: 'passed' },
    ]);
  });

  it('stops at the first broken hop; the rest is skipped and not run', async () => {
    const { context, events } = contextOf();
    let ran = false;
    const later = hop('three', async () => {
      ran = true;
    });
    const report = await runHops(route([hop('one'), hop('two', fails), later]), context);
    expect(report).toMatchObject({
      status: 'failed',
      brokenHop: 'two',
      fix: 'look at two',
      hops: [
        { hop: 'one', status: 'passed' },
        { hop: 'two', status: 'failed', error: 'expected 202, got 500' },
        { hop: 'three', status: 'skipped', ms: 0 },
      ],
    });
    expect(ran).toBe(false);
    expect(events.map((event) => event.type === 'probe-hop' && event.status)).toEqual([
      'passed',
      'failed',
      'skipped',
    ]);
  });

  it('breaks at the deadline with what was seen last, even when the hop ignores its signal', async () => {
    const deaf = hop(
      'status completed',
      async ({ see }) => {
        see({ status: 'pending' });
        await new Promise(() => {});
      },
      { withinMs: 30 },
    );
    const report = await runHops(route([deaf]), contextOf().context);
    expect(report.hops[0]).toMatchObject({
      status: 'failed',
      evidence: { status: 'pending' },
      error: 'expected "status completed" within 30ms; last seen: {"status":"pending"}',
    });
  });

  it('adds the last log lines of the service to the evidence of a broken hop', async () => {
    const report = await runHops(route([hop('one', fails, { service: 'worker' })]), contextOf().context);
    expect(report.hops[0]?.evidence).toEqual({ log: ['2026-01-01T00:00:00.000Z worker out of memory'] });
  });

  it('survives logs, a diagnosis and a clean-up that fail', async () => {
    const { context } = contextOf({ lastLogs: fails });
    const broken = route([hop('one', fails, { service: 'worker' })], { diagnose: fails, cleanUp: fails });
    expect(await runHops(broken, context)).toMatchObject({ status: 'failed', fix: 'look at one' });
  });

  it('says the diagnosis first, and prefers the hint of the error to the hop’s own', async () => {
    const refuse = async () => {
      throw new DevenvError('NATS_FAILED', 'cannot publish', { hint: 'Declare a stream.' });
    };
    const diagnosed = route([hop('one', refuse)], { diagnose: async () => 'The stream X does not exist.' });
    const report = await runHops(diagnosed, contextOf().context);
    expect(report.fix).toBe('The stream X does not exist. Declare a stream.');
  });

  it('cleans up once, whether it passes, breaks or is interrupted', async () => {
    const stop = new AbortController();
    const interrupt = async () => {
      stop.abort(new Error('Ctrl-C'));
      await new Promise(() => {});
    };
    let cleaned = 0;
    const cleanUp = async () => {
      cleaned += 1;
    };
    await runHops(route([hop('one')], { cleanUp }), contextOf().context);
    await runHops(route([hop('one', fails)], { cleanUp }), contextOf().context);
    expect(cleaned).toBe(2);
    const interrupted = runHops(
      route([hop('one', interrupt)], { cleanUp }),
      contextOf({ signal: stop.signal }).context,
    );
    await expect(interrupted).rejects.toThrow('Ctrl-C');
    expect(cleaned).toBe(3);
  });

  it('reports a probe that ran out of its whole time as broken, not as interrupted', async () => {
    const hangs = hop('one', () => new Promise(() => {}));
    const report = await runHops(route([hangs]), contextOf({ signal: AbortSignal.timeout(20) }).context);
    expect(report).toMatchObject({ status: 'failed', brokenHop: 'one' });
  });
});

describe('until', () => {
  it('asks until there is an answer, and stops when the signal aborts', async () => {
    let asked = 0;
    const answer = await until(new AbortController().signal, () => (++asked === 3 ? 'yes' : undefined), 1);
    expect([answer, asked]).toEqual(['yes', 3]);
    const stop = new AbortController();
    const waiting = until(stop.signal, () => undefined, 1);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
