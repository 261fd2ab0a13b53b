/**
 * The life of one supervised service as a table: which event leads from which phase to which. Everything that acts
 * (spawning, signals, timers) lives in service.ts and only does what a transition asks for.
 */
export type Phase =
  /** Nothing runs and nothing will. */
  | 'idle'
  /** Asked for; the process does not exist yet. */
  | 'starting'
  | 'running'
  /** The stop signal was sent. */
  | 'stopping'
  /** It crashed and is started again after `delayMs`. */
  | 'backoff'
  /** It crashed too often in a row; only a person or `up` starts it again. */
  | 'exited';

export interface SupervisedState {
  phase: Phase;
  /** Times it was started again after it had stopped by itself. */
  restarts: number;
  /** Crashes in a row, each within STABLE_MS of its start. */
  crashes: number;
  /** Set in `backoff`. */
  delayMs?: number;
}

export type SupervisedEvent =
  | { type: 'start' }
  | { type: 'spawned' }
  /** The process ended, or could not be made (`ranMs` 0). */
  | { type: 'ended'; ranMs: number }
  | { type: 'retry' }
  | { type: 'stop' };

/** A process that ran this long has shown that it works: its next crash counts as the first. */
export const STABLE_MS = 10_000;

/** Delay before each new attempt, in ms; one more crash in a row than there are delays, and it is given up. */
export const BACKOFF_MS = [100, 250, 500, 1_000, 2_000] as const;

export const INITIAL_STATE: SupervisedState = { phase: 'idle', restarts: 0, crashes: 0 };

function afterCrash({ restarts, crashes }: SupervisedState, ranMs: number): SupervisedState {
  const inARow = ranMs >= STABLE_MS ? 1 : crashes + 1;
  const delayMs = BACKOFF_MS[inARow - 1];
  return delayMs === undefined
    ? { phase: 'exited', restarts, crashes: inARow }
    : { phase: 'backoff', restarts, crashes: inARow, delayMs };
}

const afresh = ({ restarts }: SupervisedState): SupervisedState => ({
  phase: 'starting',
  restarts,
  crashes: 0,
});
const idle = ({ restarts }: SupervisedState): SupervisedState => ({ phase: 'idle', restarts, crashes: 0 });

type Transition = (state: SupervisedState, event: SupervisedEvent & { type: 'ended' }) => SupervisedState;

/** What is not listed is not legal. */
const TRANSITIONS: Record<Phase, Partial<Record<SupervisedEvent['type'], Transition>>> = {
  idle: { start: afresh, stop: idle },
  starting: {
    spawned: ({ restarts, crashes }) => ({ phase: 'running', restarts, crashes }),
    ended: (state, { ranMs }) => afterCrash(state, ranMs),
    stop: idle,
  },
  running: {
    ended: (state, { ranMs }) => afterCrash(state, ranMs),
    stop: ({ restarts, crashes }) => ({ phase: 'stopping', restarts, crashes }),
  },
  stopping: { ended: idle },
  backoff: {
    retry: ({ restarts, crashes }) => ({ phase: 'starting', restarts: restarts + 1, crashes }),
    start: afresh,
    stop: idle,
  },
  exited: { start: afresh, stop: idle },
};

/** The next state, or null when the event is not legal in this phase. Pure. */
export function applyEvent(state: SupervisedState, event: SupervisedEvent): SupervisedState | null {
  const transition = TRANSITIONS[state.phase][event.type];
  return transition?.(state, event.type === 'ended' ? event : { type: 'ended', ranMs: 0 }) ?? null;
}
