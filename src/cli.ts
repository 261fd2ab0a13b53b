import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { divertConsole } from './cli/library-chatter.ts';
import { run } from './cli/run.ts';
import { standardInput } from './cli/standard-input.ts';
import { commands } from './commands/index.ts';
import { DevenvError, EXIT, type ExitStatus } from './errors.ts';

/** Errors of a stream that nobody reads any more: `| head` has seen enough, or the terminal is gone. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ENXIO']);
/** Something may keep the event loop alive after the verb has ended (an idle connection); nothing is worth waiting. */
const LINGER_MS = 100;

const interruption = new AbortController();
/** How to exit when stdout failed: `| head` has what it wanted, a full disk has not. */
let unheard: ExitStatus | undefined;

const isVerbose = process.argv.includes('--verbose') && !process.argv.includes('--json');
divertConsole(console, (text) => {
  if (isVerbose) process.stderr.write(text);
});

const packageRoot = findPackageRoot();
const { status, abandon } = run(commands, {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  packageRoot,
  version: versionOf(packageRoot),
  // Loaded by the verbs that need it, so that help, completion and mistakes answer at once.
  openProject: async (options) => (await import('./composition.ts')).openProject(options),
  openDoctor: async (options) => (await import('./doctor-composition.ts')).openDoctor(options),
  stdin: standardInput,
  now: Date.now,
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  const isGone = GONE.has(error.code);
  if (!isGone && unheard === undefined) {
    process.stderr.write(`error: The output cannot be written: ${error.message}\n`);
  }
  // It may fail with the last bytes, after the verb has ended.
  process.exitCode = unheard ??= isGone ? EXIT.ok : EXIT.preflight;
  interruption.abort(new DevenvError('INTERRUPTED', 'Nobody gets the output any more.'));
});
// Progress that nobody sees is no reason to leave work half done.
process.stderr.on('error', () => {});

// For a process that ends with nothing left to wait for while the verb has not said how.
process.exitCode = EXIT.internal;
void status.then(async (exit) => {
  process.exitCode = unheard ?? exit;
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  setTimeout(() => process.exit(), LINGER_MS).unref();
});

/** The first asks the verb to clean up and end; the second does not ask. */
function interrupt(signal: NodeJS.Signals): void {
  if (interruption.signal.aborted) {
    abandon();
    process.exit(EXIT.interrupted);
  }
  interruption.abort(new DevenvError('INTERRUPTED', `Interrupted by ${signal}.`));
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}

/** The folder of package.json: above dist/ when bundled, above src/ in a checkout. */
function findPackageRoot(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
