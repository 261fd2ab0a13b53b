import { spawn } from 'node:child_process';
import type { Account } from './account.ts';

export interface CommandOptions {
  cwd: string;
  signal: AbortSignal;
  account?: Account | undefined;
  input?: string;
}

export interface CommandOutcome {
  /** null when it was ended by a signal. */
  status: number | null;
  output: string;
}

/** Runs a small program to its end, as another account when given, with a bare environment. Rejects when it cannot be started. */
export function runCommand(
  program: string,
  args: readonly string[],
  { cwd, signal, account, input = '' }: CommandOptions,
): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(program, args, {
      cwd,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-16_384);
    };
    const abort = () => child.kill('SIGKILL');
    signal.addEventListener('abort', abort, { once: true });
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (status) => {
      signal.removeEventListener('abort', abort);
      if (signal.aborted) reject(signal.reason);
      else resolve({ status, output });
    });
  });
}

/** The last lines of a program's output, for the details of an error. */
export const lastLines = (output: string): string[] =>
  output.trimEnd().split('\n').slice(-10).filter(Boolean);
