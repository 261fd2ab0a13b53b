import type { Input } from '../../src/cli/run.ts';
import { run } from '../../src/cli/run.ts';
import type { OpenDoctor, OpenProjectOptions } from '../../src/commands/context.ts';
import { commands } from '../../src/commands/index.ts';
import type { ExitStatus } from '../../src/errors.ts';
import { type FakeEngine, fakeEngine, type Received, type Script } from './fake-engine.ts';

export interface CliRun {
  status: ExitStatus;
  stdout: string;
  stderr: string;
  /** What the engine was asked. */
  received: readonly Received[];
  /** What the project was opened with. */
  opened: readonly OpenProjectOptions[];
}

export interface CliWorld {
  script?: Script;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  packageRoot?: string;
  cwd?: string;
  /** Makes both streams terminals of that width. */
  columns?: number;
  /** Default: a doctor that nobody may call. */
  doctor?: OpenDoctor;
  stdin?: Input;
  /** Replaces opening the fake engine. */
  open?: () => Promise<FakeEngine>;
}

/** 2026-01-31T12:00:00Z, standing still. */
export const NOW = Date.UTC(2026, 0, 31, 12);

/** The whole CLI in this process, with a fake engine and captured streams. */
export async function runCli(args: readonly string[], world: CliWorld = {}): Promise<CliRun> {
  const text = { stdout: '', stderr: '' };
  const terminal = (stream: keyof typeof text) => ({
    write: (part: string) => {
      text[stream] += part;
    },
    ...(world.columns === undefined ? {} : { isTTY: true, columns: world.columns }),
  });
  const opened: OpenProjectOptions[] = [];
  const fake = fakeEngine(world.script);
  const { status } = run(commands, {
    argv: args,
    env: world.env ?? {},
    cwd: world.cwd ?? '/srv/orders',
    stdout: terminal('stdout'),
    stderr: terminal('stderr'),
    signal: world.signal ?? new AbortController().signal,
    packageRoot: world.packageRoot ?? '/nowhere',
    version: '1.2.3',
    now: () => NOW,
    openDoctor:
      world.doctor ??
      (async () => {
        throw new Error('the test has no doctor');
      }),
    ...(world.stdin === undefined ? {} : { stdin: world.stdin }),
    openProject: async (options) => {
      opened.push(options);
      const { engine } = world.open === undefined ? fake : await world.open();
      return { engine, configFile: null };
    },
  });
  return { status: await status, ...text, received: fake.received, opened };
}
