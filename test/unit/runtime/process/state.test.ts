import { describe, expect, test } from 'vitest';
import {
  applyEvent,
  BACKOFF_MS,
  INITIAL_STATE,
  type Phase,
  STABLE_MS,
  type SupervisedEvent,
  type SupervisedState,
} from '../../../../src/runtime/process/supervisor/state.ts';

const at = (phase: Phase, more: Partial<SupervisedState> = {}): SupervisedState => ({
  phase,
  restarts: 2,
  crashes: 1,
  ...more,
});
const ended = (ranMs = 50): SupervisedEvent => ({ type: 'ended', ranMs });

describe('transitions', () => {
  test.each<[Phase, SupervisedEvent, Phase]>([
    ['idle', { type: 'start' }, 'starting'],
    ['idle', { type: 'stop' }, 'idle'],
    ['starting', { type: 'spawned' }, 'running'],
    ['starting', ended(0), 'backoff'],
    ['starting', { type: 'stop' }, 'idle'],
    ['running', ended(), 'backoff'],
    ['running', { type: 'stop' }, 'stopping'],
    ['stopping', ended(), 'idle'],
    ['backoff', { type: 'retry' }, 'starting'],
    ['backoff', { type: 'start' }, 'starting'],
    ['backoff', { type: 'stop' }, 'idle'],
    ['exited', { type: 'start' }, 'starting'],
    ['exited', { type: 'stop' }, 'idle'],
  ])('%s + %o → %s', (from, event, to) => {
    expect(applyEvent(at(from), event)?.phase).toBe(to);
  });

  const phases: Phase[] = ['idle', 'starting', 'running', 'stopping', 'backoff', 'exited'];
  const events: SupervisedEvent[] = [
    { type: 'start' },
    { type: 'spawned' },
    ended(),
    { type: 'retry' },
    { type: 'stop' },
  ];
  test('everything else is not legal', () => {
    const legal = phases
      .flatMap((phase) => events.map((event) => applyEvent(at(phase), event)))
      .filter(Boolean);
    expect(legal).toHaveLength(13);
  });

  test('an event never changes the state it is given', () => {
    for (const phase of phases) for (const event of events) applyEvent(Object.freeze(at(phase)), event);
    expect(INITIAL_STATE).toEqual({ phase: 'idle', restarts: 0, crashes: 0 });
  });
});

const crash = (state: SupervisedState, ranMs: number): SupervisedState => {
  const running = applyEvent(
    applyEvent(state, state.phase === 'backoff' ? { type: 'retry' } : { type: 'start' })!,
    {
      type: 'spawned',
    },
  )!;
  return applyEvent(running, ended(ranMs))!;
};

describe('a crash loop', () => {
  test('waits longer each time and is given up', () => {
    let state = INITIAL_STATE;
    const delays: (number | undefined)[] = [];
    while (state.phase !== 'exited') {
      state = crash(state, 50);
      delays.push(state.delayMs);
    }
    expect(delays).toEqual([...BACKOFF_MS, undefined]);
    expect(state).toEqual({ phase: 'exited', restarts: BACKOFF_MS.length, crashes: BACKOFF_MS.length + 1 });
  });

  test('a run that was stable makes the next crash the first one', () => {
    const tired = crash(crash(crash(INITIAL_STATE, 50), 50), 50);
    expect(tired.delayMs).toBe(BACKOFF_MS[2]);
    expect(crash(tired, STABLE_MS)).toMatchObject({ phase: 'backoff', crashes: 1, delayMs: BACKOFF_MS[0] });
  });

  test('a start by hand forgets the crashes, not the restarts', () => {
    expect(applyEvent(at('exited', { crashes: 6 }), { type: 'start' })).toEqual({
      phase: 'starting',
      restarts: 2,
      crashes: 0,
    });
  });
});
