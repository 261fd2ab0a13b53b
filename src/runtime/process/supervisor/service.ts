import type { ObservedService, ServiceState } from '../../runtime.ts';
import { takenPort } from '../port-taken.ts';
import type { LaunchDefinition, StartResult, SupervisorExit } from '../wire.ts';
import { type Child, type ChildExit, startChild } from './child.ts';
import { openLogFile } from './log-file.ts';
import { firstTakenPort } from './port-check.ts';
import {
  applyEvent,
  INITIAL_STATE,
  type Phase,
  STABLE_MS,
  type SupervisedEvent,
  type SupervisedState,
} from './state.ts';

export interface SupervisedService {
  readonly definition: LaunchDefinition;
  /** Starts it and watches its first moments: until it listens, has exited, or WATCH_MS have passed. */
  start(): Promise<StartResult>;
  /** Stops it; when this returns, nothing of it runs and nothing will. */
  stop(): Promise<void>;
  /** SIGKILL. False when it does not run. */
  kill(): Promise<boolean>;
  observed(): ObservedService | null;
  pid(): number | undefined;
  close(): void;
}

export interface ServiceHooks {
  /** Called after each spawn and each end, so that the records on disk follow. */
  onPid(service: string, pid: number | undefined): void;
  onExit(exit: SupervisorExit): void;
}

/** A server that says nothing for so long is left to the readiness checks of whoever asked for it. */
const WATCH_MS = 5_000;
/** How much of the first output is kept to find the listening line and the reason of an early end. */
const EARLY_OUTPUT = 64 << 10;

const STATES: Record<Phase, ServiceState | null> = {
  idle: null,
  starting: 'starting',
  running: 'running',
  stopping: 'running',
  backoff: 'backoff',
  exited: 'exited',
};

/** Runs one service by the table of state.ts. */
export function superviseService(
  definition: LaunchDefinition,
  { onPid, onExit }: ServiceHooks,
): SupervisedService {
  const { service, graceMs, ports } = definition;
  const log = openLogFile(definition.logFile);
  let state: SupervisedState = INITIAL_STATE;
  let child: Child | undefined;
  let startedAt = new Date();
  let lastExit: ObservedService['lastExit'];
  let retry: NodeJS.Timeout | undefined;
  let stopped: Promise<unknown> = Promise.resolve();

  const apply = (event: SupervisedEvent): boolean => {
    const next = applyEvent(state, event);
    if (next !== null) state = next;
    return next !== null;
  };

  /** Makes the process; resolves with its first moments. */
  const run = (): Promise<StartResult> => {
    const output = earlyOutput(definition.listening);
    const spawned = startChild(definition, log, output.add);
    child = spawned;
    startedAt = new Date();
    const from = performance.now();
    if (spawned.pid !== undefined) {
      apply({ type: 'spawned' });
      onPid(service, spawned.pid);
    }
    const ended = spawned.ended.then((exit) => {
      finished(exit, performance.now() - from);
      return exit;
    });
    stopped = ended;
    return firstMoments(definition, spawned.pid, ended, output);
  };

  const finished = (exit: ChildExit, ranMs: number) => {
    const { code, signal, failure } = exit;
    const at = new Date().toISOString();
    const asked = state.phase === 'stopping';
    child = undefined;
    lastExit = { code, signal, at };
    onPid(service, undefined);
    apply({ type: 'ended', ranMs });
    if (asked) return;
    const willRestart = state.phase === 'backoff';
    const how = failure ?? (signal === null ? `exited with status ${code}` : `ended by ${signal}`);
    log.note(
      willRestart
        ? `${how} after ${Math.round(ranMs)} ms; starting it again in ${state.delayMs} ms`
        : `${how} after ${Math.round(ranMs)} ms; given up after ${state.crashes} ends in a row, each within ` +
            `${STABLE_MS / 1000} s`,
    );
    if (willRestart)
      retry = setTimeout(() => {
        if (apply({ type: 'retry' })) void run();
      }, state.delayMs);
    onExit({ service, code, signal, willRestart, at });
  };

  const stop = async (): Promise<void> => {
    clearTimeout(retry);
    apply({ type: 'stop' });
    const current = child;
    if (current === undefined) return;
    current.signal(definition.stopSignal);
    const timer = setTimeout(() => {
      log.note(`still there ${graceMs} ms after ${definition.stopSignal}; ended by SIGKILL`);
      current.signal('SIGKILL');
      current.killGroup();
    }, graceMs);
    await stopped;
    clearTimeout(timer);
  };

  return {
    definition,
    async start() {
      clearTimeout(retry);
      const refused = (reason: string, portTaken?: string): StartResult => ({
        service,
        outcome: { kind: 'not-spawned', reason, ...(portTaken === undefined ? {} : { portTaken }) },
      });
      if (!apply({ type: 'start' })) return refused(`it is ${state.phase} already`);
      // Between our look and its bind somebody may still take the port; then its own words tell (firstMoments).
      const portTaken = await firstTakenPort(ports);
      if (state.phase !== 'starting') return refused('it was stopped meanwhile');
      if (portTaken === undefined) return run();
      apply({ type: 'stop' });
      return refused(`port ${ports[portTaken]} is held by somebody else`, portTaken);
    },
    stop,
    async kill() {
      const current = child;
      if (current === undefined) return false;
      current.signal('SIGKILL');
      current.killGroup();
      await stopped;
      return true;
    },
    observed() {
      const visible = STATES[state.phase];
      if (visible === null) return null;
      return {
        service,
        state: visible,
        ...(child?.pid === undefined ? {} : { pid: child.pid, startedAt: startedAt.toISOString() }),
        restarts: state.restarts,
        hash: definition.hash,
        ...(lastExit === undefined ? {} : { lastExit }),
        ports,
      };
    },
    pid: () => child?.pid,
    close: () => log.close(),
  };
}

interface EarlyOutput {
  add(chunk: Buffer): void;
  text(): string;
  /** Resolves when the listening line has been seen; at once when there is none to wait for. */
  listening: Promise<void>;
}

function earlyOutput(pattern: string | undefined): EarlyOutput {
  let seen = '';
  let expected = pattern === undefined ? undefined : new RegExp(pattern);
  let resolve: () => void = () => undefined;
  const listening = new Promise<void>((done) => {
    resolve = done;
  });
  if (expected === undefined) resolve();
  return {
    listening,
    text: () => seen,
    add(chunk) {
      if (seen.length > EARLY_OUTPUT) return;
      seen += chunk.toString('latin1');
      if (!expected?.test(seen)) return;
      expected = undefined;
      resolve();
    },
  };
}

async function firstMoments(
  { service, ports }: LaunchDefinition,
  pid: number | undefined,
  ended: Promise<ChildExit>,
  output: EarlyOutput,
): Promise<StartResult> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, WATCH_MS);
  });
  const exit = await (pid === undefined ? ended : Promise.race([ended, output.listening, patience]));
  clearTimeout(timer);
  if (exit === undefined)
    return { service, ...(pid === undefined ? {} : { pid }), outcome: { kind: 'started' } };
  if (exit.failure !== undefined) return { service, outcome: { kind: 'not-spawned', reason: exit.failure } };
  const portTaken = takenPort(output.text(), ports);
  return {
    service,
    outcome: {
      kind: 'exited',
      code: exit.code,
      signal: exit.signal,
      ...(portTaken === undefined ? {} : { portTaken }),
    },
  };
}
