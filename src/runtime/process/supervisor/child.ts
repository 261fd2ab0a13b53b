import { type ChildProcess, spawn } from 'node:child_process';
import type { LaunchDefinition } from '../wire.ts';
import type { LogFile } from './log-file.ts';

export interface ChildExit {
  code: number | null;
  signal: string | null;
  /** Why it could not even be started: `spawn nats-server ENOENT`. */
  failure?: string;
}

export interface Child {
  /** undefined when it could not be started. */
  pid: number | undefined;
  /** Resolves once the process is gone and its last output is in the log. */
  ended: Promise<ChildExit>;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL to it and to everything in its process group. */
  killGroup(): void;
}

/** How long the output of a dead process is waited for: a grandchild that kept the pipe could hold it open for ever. */
const DRAIN_MS = 100;

/** Starts one process in a session of its own, with its output going into the log and to `onOutput`. */
export function startChild(
  definition: LaunchDefinition,
  log: LogFile,
  onOutput: (chunk: Buffer) => void,
): Child {
  const { program, args, env, cwd, uid, gid } = definition;
  let process_: ChildProcess;
  try {
    process_ = spawn(program, args, {
      env: { ...env },
      cwd,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      // A group of its own: Ctrl-C in a terminal does not reach it, and a wrapper's children can be ended with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    // A NUL in an argument, an argument list that is too long.
    return failed(String(error instanceof Error ? error.message : error));
  }
  const { pid } = process_;
  for (const stream of ['stdout', 'stderr'] as const) {
    process_[stream]?.on('data', (chunk: Buffer) => {
      log.write(stream, chunk);
      onOutput(chunk);
    });
    process_[stream]?.on('error', () => undefined);
  }
  const killGroup = () => {
    if (pid !== undefined) quietly(() => process.kill(-pid, 'SIGKILL'));
  };
  const ended = new Promise<ChildExit>((resolve) => {
    const finish = (exit: ChildExit) => {
      // What the process started and did not end itself must not outlive it.
      killGroup();
      const drained = () => {
        clearTimeout(timer);
        log.flush();
        process_.stdout?.destroy();
        process_.stderr?.destroy();
        resolve(exit);
      };
      const timer = setTimeout(drained, DRAIN_MS);
      process_.once('close', drained);
    };
    process_.once('exit', (code, signal) => finish({ code, signal }));
    process_.once('error', (error) => {
      if (pid === undefined) resolve({ code: null, signal: null, failure: describe(error, definition) });
    });
  });
  return { pid, ended, killGroup, signal: (signal) => quietly(() => process_.kill(signal)) };
}

const failed = (failure: string): Child => ({
  pid: undefined,
  ended: Promise.resolve({ code: null, signal: null, failure }),
  signal: () => undefined,
  killGroup: () => undefined,
});

function describe(error: Error, { program, cwd }: LaunchDefinition): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `there is no program "${program}" (PATH), or no folder ${cwd}`;
  if (code === 'EACCES') return `no permission to run "${program}" in ${cwd}`;
  return error.message;
}

/** The process is gone already, or is not ours to signal any more. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {}
}
