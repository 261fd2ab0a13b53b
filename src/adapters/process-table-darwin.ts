import { execFile } from 'node:child_process';
import { type Listener, type ProcessIdentity, type ProcessTable, printableCommand } from './process-table.ts';

/** Text of a small system tool; '' when it fails: `ps` and `lsof` exit 1 when they find nothing. */
const output = (command: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    // A fixed locale and time zone: the start time is compared as text.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    execFile(command, args, { env, timeout: 5_000, maxBuffer: 8 << 20 }, (_error, stdout) => resolve(stdout));
  });

/** One line of `ps -ww -o stat= -o lstart= -o command=`: `S+   Fri Nov 14 10:00:00 2025 node server.js`. */
export function parsePs(pid: number, text: string): ProcessIdentity | 'gone' {
  const match = /^\s*(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(.*)$/m.exec(text);
  const [state, startedAt, command] = [match?.[1], match?.[2], match?.[3]];
  if (state === undefined || startedAt === undefined || command === undefined || state.startsWith('Z'))
    return 'gone';
  return { pid, startedAt: startedAt.replace(/\s+/g, ' '), command: printableCommand(command) };
}

const look = async (pid: number): Promise<ProcessIdentity | 'gone'> =>
  parsePs(pid, await output('ps', ['-ww', '-o', 'stat=', '-o', 'lstart=', '-o', 'command=', '-p', `${pid}`]));

/** Lines of `ps -axo pid=,ppid=,stat=`. */
export function parseParents(text: string): ReadonlyMap<number, number> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [pid, parent, state] = line.trim().split(/\s+/);
      return pid && parent && !state?.startsWith('Z') ? [[Number(pid), Number(parent)] as const] : [];
    }),
  );
}

/** Pids of `lsof -F p`: one line per field, `p<pid>` opens a process. */
export const parseLsofPids = (text: string): number[] =>
  [...new Set(text.split('\n').flatMap((line) => line.match(/^p(\d+)$/)?.[1] ?? []))].map(Number);

/** Folder of `lsof -d cwd -F n`: the `n` line. */
export const parseLsofCwd = (text: string): string | undefined =>
  text
    .split('\n')
    .find((line) => line.startsWith('n/'))
    ?.slice(1);

async function listeners(port: number): Promise<readonly Listener[]> {
  const pids = parseLsofPids(await output('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-F', 'p']));
  return Promise.all(
    pids.map(async (pid) => {
      const [identity, cwdText] = await Promise.all([
        look(pid),
        output('lsof', ['-nP', '-a', '-p', `${pid}`, '-d', 'cwd', '-F', 'n']),
      ]);
      const cwd = parseLsofCwd(cwdText);
      const command = identity === 'gone' ? '?' : identity.command;
      return { pid, command, ...(cwd === undefined ? {} : { cwd }) };
    }),
  );
}

export const darwinProcessTable: ProcessTable = {
  look,
  parents: async () => parseParents(await output('ps', ['-axo', 'pid=,ppid=,stat='])),
  listeners,
};
