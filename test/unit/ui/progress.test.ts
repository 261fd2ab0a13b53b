import { describe, expect, it } from 'vitest';
import type { DevenvEvent } from '../../../src/events.ts';
import { createProgress, type ProgressMode, progressMode } from '../../../src/ui/progress-modes.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { EVENTS } from '../../helpers/fake-engine.ts';

/** A display whose clock moves 100 ms with every event. */
function show(
  mode: ProgressMode,
  events: readonly DevenvEvent[],
  { verbose = false, colour = false, stepMs = 100 } = {},
): string[] {
  let now = Date.UTC(2026, 0, 31, 12);
  let text = '';
  const stderr = {
    write: (part: string) => {
      text += part;
    },
  };
  const progress = createProgress(mode, { stderr, style: createStyle(colour), now: () => now, verbose });
  for (const event of events) {
    now += stepMs;
    progress.emit(event);
  }
  return text.split('\n').slice(0, -1);
}

const progressOf = (done: number): DevenvEvent => ({
  type: 'step-progress',
  id: 'get',
  text: 'downloading',
  done,
  total: 100,
});

describe('plain lines', () => {
  it('one for each event that matters', () => {
    expect(show('plain', EVENTS)).toEqual([
      '[+0.100s] no Docker engine: process runtime',
      '[+0.200s] warning: port 4222 is taken by pid 99 (nats-server)',
      '[+0.400s] start nats: started (no process)',
      '[+0.500s] start nats: downloading 42%',
      '[+0.600s] start nats: done in 118 ms (pid 11)',
      '[+0.800s] start api: started (exited (1))',
      '[+0.900s] api: exited with code 1, will be started again',
      '[+1.000s] start api: failed after 3.00 s: api was not ready after 3.0 s',
      '[+1.100s] probe flow: started (something was started)',
      '[+1.500s] probe flow: done in 90 ms',
      '[+1.600s] probe retry: failed after 84 ms at: row in orders',
    ]);
  });

  it('with --verbose also the plan, each hop, and steps that waited in vain', () => {
    const lines = show('plain', EVENTS, { verbose: true });
    expect(lines).toContain('[+0.300s] plan: 3 steps');
    expect(lines).toContain('[+0.700s] migrate: skipped (nothing to apply)');
    expect(lines).toContain('[+1.300s] probe flow: POST → 202: passed (12 ms)');
  });

  it('progress of one step at most once a second, and never twice the same', () => {
    expect(show('plain', [10, 20, 30, 40].map(progressOf), { stepMs: 600 })).toEqual([
      '[+0.600s] get: downloading 10%',
      '[+1.800s] get: downloading 30%',
    ]);
    expect(show('plain', [40, 40].map(progressOf), { stepMs: 5_000 })).toEqual([
      '[+5.000s] get: downloading 40%',
    ]);
  });

  it('keep what a hostile text would do to the terminal out', () => {
    const text = 'a\u001b]0;title\u0007b\u001b[2J\u001b[31mc\nd\rf';
    expect(show('plain', [{ type: 'note', level: 'info', text }])).toEqual(['[+0.100s] abc df']);
  });

  it('are coloured only when asked', () => {
    const done: DevenvEvent = { type: 'step-done', id: 'x', ms: 1 };
    expect(show('plain', [done], { colour: true })[0]).toContain('\u001b[32mdone');
    expect(show('plain', [done])[0]).not.toContain('\u001b');
  });
});

it('quiet: only warnings and failures', () => {
  expect(show('quiet', EVENTS)).toEqual([
    '[+0.200s] warning: port 4222 is taken by pid 99 (nats-server)',
    '[+0.900s] api: exited with code 1, will be started again',
    '[+1.000s] start api: failed after 3.00 s: api was not ready after 3.0 s',
    '[+1.600s] probe retry: failed after 84 ms at: row in orders',
  ]);
});

it('probes without a step, as `devenv probe` runs them, have lines of their own', () => {
  expect(
    show('plain', [
      { type: 'probe-started', probe: 'flow', summary: 'An order becomes rows.' },
      { type: 'probe-done', probe: 'flow', status: 'passed', ms: 84 },
      { type: 'probe-done', probe: 'retry', status: 'skipped', ms: 0 },
    ]),
  ).toEqual([
    '[+0.100s] probe flow: started (An order becomes rows.)',
    '[+0.200s] probe flow: passed in 84 ms',
    '[+0.300s] probe retry: skipped',
  ]);
});

it('NDJSON: every event as it is, with its instant', () => {
  const lines = show('ndjson', EVENTS).map((line) => JSON.parse(line));
  expect(lines).toEqual(
    EVENTS.map((event, index) => ({
      at: new Date(Date.UTC(2026, 0, 31, 12) + (index + 1) * 100).toISOString(),
      ...event,
    })),
  );
});

describe('the mode', () => {
  const watched = { json: false, quiet: false, verbose: false, isTTY: true, columns: 80, env: {} };
  it.each([
    ['tree', {}],
    ['ndjson', { json: true, quiet: true }],
    ['quiet', { quiet: true }],
    ['plain', { isTTY: false }],
    ['plain', { verbose: true }],
    ['plain', { columns: 0 }],
    ['plain', { env: { CI: 'true' } }],
    ['plain', { env: { TERM: 'dumb' } }],
  ] as const)('%s for %j', (mode, wish) => {
    expect(progressMode({ ...watched, ...wish })).toBe(mode);
  });
});
