import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { runProgram } from '../../helpers/typescript-program.ts';
import { type BuiltCli, buildCli } from './built-cli.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
const running = new Set<number>();
/** Whatever a test that failed has left. */
afterEach(() => {
  for (const pid of running) process.kill(pid, 'SIGKILL');
});
function start(args: readonly string[], scenario: string) {
  const program = runProgram(process.execPath, [cli.program, ...args], {
    env: { ...env, SCENARIO: scenario },
  });
  running.add(program.pid);
  void program.exit.then(() => running.delete(program.pid));
  return program;
}
/** For shells, which cannot be asked for the pid: it ends by itself. */
const inShell = () => `timeout --foreground 150 ${process.execPath} ${cli.program}`;
const run = (args: readonly string[], scenario: string) => start(args, scenario).exit;
/** Through a shell, for its pipes; prints the status of the CLI on stderr. */
const shell = (script: string, scenario: string) =>
  runProgram('bash', ['-c', script], {
    env: { ...env, SCENARIO: scenario, DEVENV: inShell() },
  }).exit;

describe('stdout', () => {
  it('gets the whole of a big result through a pipe, to the last byte', async () => {
    const { code, stdout } = await run(['restart', '--json'], 'big result');
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(1_000_000);
    expect(JSON.parse(stdout)).toHaveLength(20_000);
  });

  it('gets it through a slow reader as well', async () => {
    const { stdout } = await shell(
      `$DEVENV restart --json | (read -r first; sleep 0.3; cat | wc -c)`,
      'big result',
    );
    expect(Number(stdout)).toBeGreaterThan(1_000_000);
  });

  it.each([
    ['logs -f', 'endless logs'],
    ['restart --json', 'big result'],
  ])('closed by its reader: `%s | head` ends quietly with 0', async (args, scenario) => {
    const { stdout, stderr } = await shell(
      `set -o pipefail; $DEVENV ${args} | head -n 1; echo "status \${PIPESTATUS[0]}"`,
      scenario,
    );
    expect(stdout).toMatch(/\nstatus 0\n$/);
    expect(stderr).toBe('');
  });

  it.skipIf(!existsSync('/dev/full'))('on a full disk is told in one line, with exit 3', async () => {
    const { stdout, stderr } = await shell(
      '$DEVENV restart --json >/dev/full; echo "status $?"',
      'big result',
    );
    expect(stdout).toBe('status 3\n');
    expect(stderr).toMatch(/^error: The output cannot be written: ENOSPC.*\n$/);
  });

  it('of an attached up closed by its reader stops the environment', async () => {
    const { stderr } = await shell(`$DEVENV up --attach | head -n 1 >/dev/null`, 'attached');
    expect(stderr).toContain('going down');
  });
});

describe('stderr', () => {
  it('closed by its reader does not stop the work', async () => {
    const { stdout } = await shell(`{ $DEVENV restart --json 2>&1 1>&3 | true; } 3>&1 | wc -c`, 'big result');
    expect(Number(stdout)).toBeGreaterThan(1_000_000);
  });
});

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s lets the verb clean up and exits with 130',
    async (signal) => {
      const program = start(['up'], 'up waits');
      await begun(program.child);
      program.child.kill(signal);
      const { code, stderr, stdout } = await program.exit;
      expect(code).toBe(130);
      expect(stderr).toContain(`error: Interrupted by ${signal}.\n`);
      expect(stdout).toBe('');
    },
  );

  it('a second SIGINT does not wait', async () => {
    const program = start(['up'], 'up hangs');
    await begun(program.child);
    program.child.kill('SIGINT');
    // The first one is taken without a word, so all that can be done is to repeat the second.
    await eventually(() => {
      program.child.kill('SIGINT');
      expect(program.child.exitCode).toBe(130);
    });
    expect((await program.exit).code).toBe(130);
  });

  it('stop an attached environment', async () => {
    const program = start(['up', '--attach'], 'attached');
    await program.line(/api {6}\| listening/);
    program.child.kill('SIGINT');
    const { code, stderr } = await program.exit;
    expect(code).toBe(130);
    expect(stderr).toContain('going down');
  });
});

describe('exit', () => {
  it('does not wait for what keeps the event loop alive', async () => {
    expect(await run(['restart', '--json'], 'a handle stays open')).toMatchObject({
      code: 0,
      stdout: '[]\n',
    });
  });

  it.each([
    ['a known error', 3, 'error: Port 4222 is taken by pid 99.\nhint: Stop it.\n'],
    [
      'a bug',
      1,
      'error: This is a bug in devenv: x is not a function\nhint: Run it again with --verbose and report what it prints.\n',
    ],
  ])('%s: status %d', async (scenario, code, stderr) => {
    expect(await run(['up'], scenario)).toMatchObject({ code, stderr, stdout: '' });
  });
});

describe('a terminal', () => {
  it('gets its cursor back after Ctrl-C in the middle of the tree', async () => {
    // `script` of util-linux gives the program a terminal, on which the byte 3 is a Ctrl-C.
    const command = `stty rows 40 cols 100; exec ${inShell()} up`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { ...env, CI: '', TERM: 'xterm', SCENARIO: 'up waits' },
    });
    let screen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!screen.includes('start nats') && (screen + text).includes('start nats'))
        child.stdin.write('\u0003');
      screen += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect(screen).toContain(HIDE_CURSOR);
    expect(screen.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(screen.lastIndexOf(HIDE_CURSOR));
    expect(screen).toContain('start nats: not finished');
    expect(code).toBe(130);
  });
});

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** Resolves when the verb has printed its first step. */
function begun(child: { stderr: NodeJS.ReadableStream | null }): Promise<void> {
  return new Promise((resolve) => {
    child.stderr?.on('data', (text: string) => {
      if (text.includes('started')) resolve();
    });
  });
}
