import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { bounded, DeadlineError, messageOf } from '../../adapters/deadline.ts';
import { ensureDir, readText, unwritable } from '../../adapters/files.ts';
import { DevenvError } from '../../errors.ts';
import type { Environment } from '../../topology/deployment.ts';
import { connectSupervisor, type SupervisorClient } from './client.ts';
import {
  controlSocket,
  ENVIRONMENT_MARKER,
  type Layout,
  SERVICE_MARKER,
  SUPERVISOR_MARKER,
} from './layout.ts';
import { endProcesses, findProcesses, supervisorIn } from './orphans.ts';
import type { SupervisorSettings } from './supervisor/main.ts';

/** Node on a busy machine takes a second to start; ten means that it never will. */
const LAUNCH_MS = 10_000;

/** The supervisor of an environment, if one answers. */
export async function findSupervisor(
  environment: Environment,
  layout: Layout,
  signal: AbortSignal,
): Promise<SupervisorClient | null> {
  const recorded = await supervisorIn(layout.supervisorFile, environment.id);
  const path = recorded?.socket ?? controlSocket(environment, tmpdir()).path;
  const found = await connectSupervisor(path, environment.id, signal);
  return found === 'unresponsive' ? null : found;
}

/**
 * The supervisor of an environment; a new one when none answers, after everything that a former one left has been
 * ended: children without a supervisor cannot be adopted, only replaced.
 */
export async function ensureSupervisor(
  environment: Environment,
  layout: Layout,
  program: string,
  signal: AbortSignal,
): Promise<SupervisorClient> {
  const running = await findSupervisor(environment, layout, signal);
  if (running !== null) return running;
  await endProcesses(await findProcesses(environment.id, layout));
  for (let attempt = 1; ; attempt += 1) {
    const said = await launch(environment, layout, program, signal);
    const client = await findSupervisor(environment, layout, signal);
    if (client !== null) return client;
    // `taken`: another command launched one in the same moment. Then that one is ours to use.
    if (attempt === 20 || said !== 'taken') throw failed('it started but does not answer', layout, undefined);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Starts the supervisor in a session of its own and returns what it says on file descriptor 3. */
async function launch(
  environment: Environment,
  layout: Layout,
  program: string,
  signal: AbortSignal,
): Promise<string> {
  await ensureDir(layout.runDir, { mode: 0o700 });
  await ensureDir(layout.logsDir, { mode: 0o700 });
  const socket = controlSocket(environment, tmpdir());
  if (socket.ownDir !== undefined) await privateDir(socket.ownDir);
  const settings: SupervisorSettings = {
    environment: environment.id,
    supervisorFile: layout.supervisorFile,
    recordsFile: layout.recordsFile,
    log: layout.supervisorLog,
    lock: layout.lock,
    socket: socket.path,
    ...(socket.ownDir === undefined ? {} : { socketDir: socket.ownDir }),
  };
  const output = openLog(layout.supervisorLog);
  try {
    // Small young generation: it lives for days and allocates next to nothing.
    const child = spawn(process.execPath, ['--max-semi-space-size=1', '--max-old-space-size=96', program], {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output, output, 'pipe'],
      env: supervisorEnvironment(process.env, environment.id, settings),
    });
    const answer = child.stdio[3] as Readable;
    const said = new Promise<string>((resolve, reject) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.endsWith('\n')) resolve(text.trim());
      });
      child.once('error', reject);
      child.once('exit', (code, by) => reject(new Error(`it ended at once (${by ?? `status ${code}`})`)));
      answer.once('error', reject);
    });
    // An abort before the wait below leaves nobody else to hear how it ended.
    said.catch(() => undefined);
    try {
      return await bounded({ signal, timeoutMs: LAUNCH_MS }, () => said);
    } catch (error) {
      child.kill('SIGKILL');
      signal.throwIfAborted();
      const reason =
        error instanceof DeadlineError ? `no sign of life in ${LAUNCH_MS / 1000} s` : messageOf(error);
      throw failed(reason, layout, (await readText(layout.supervisorLog).catch(() => undefined))?.trim());
    } finally {
      // The command must be able to end while the supervisor lives on.
      answer.destroy();
      child.unref();
    }
  } finally {
    closeSync(output);
  }
}

function openLog(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** What the supervisor needs of the caller's environment: nothing that could change how Node runs. Pure. */
export function supervisorEnvironment(
  env: NodeJS.ProcessEnv,
  id: string,
  settings: SupervisorSettings,
): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    [SUPERVISOR_MARKER]: id,
    DEVENV_SUPERVISOR: JSON.stringify(settings),
  };
}

/** Never passed on to a child: whose process it is and how our own Node was run. */
export const UNINHERITED: readonly string[] = [
  ENVIRONMENT_MARKER,
  SERVICE_MARKER,
  SUPERVISOR_MARKER,
  'DEVENV_SUPERVISOR',
  'NODE_CHANNEL_FD',
  'NODE_UNIQUE_ID',
];

/** A folder under the shared temp folder counts only when nobody else made it. */
async function privateDir(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const found = await lstat(path).catch(() => undefined);
    if (found?.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return;
    if (found === undefined) throw unwritable(path, error);
    throw new DevenvError('SUPERVISOR_FAILED', `${path} exists and is not a private folder of this user.`, {
      hint: 'Remove it, or set TMPDIR to a folder of your own.',
    });
  }
}

function failed(reason: string, layout: Layout, log: string | undefined): DevenvError {
  return new DevenvError('SUPERVISOR_FAILED', `The supervisor could not be started: ${reason}.`, {
    hint: `Its log is ${layout.supervisorLog}.`,
    details: (log ?? '').split('\n').slice(-20).filter(Boolean),
  });
}
