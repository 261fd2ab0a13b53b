import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Bundles TypeScript text (imports resolve from the project root) into a file that plain Node can run. */
export async function bundleProgram(directory: string, name: string, source: string): Promise<string> {
  const outfile = join(directory, `${name}.mjs`);
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: resolve(import.meta.dirname, '../..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Some packages are CommonJS and ask for Node's own modules while they run.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    write: false,
  });
  await writeFile(outfile, outputFiles[0]?.contents ?? '');
  return outfile;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningProgram {
  child: ChildProcess;
  pid: number;
  exit: Promise<Exit>;
  /** Resolves when a line on stdout matches; rejects when the program ends before. */
  line(pattern: RegExp): Promise<RegExpMatchArray>;
}

/** Starts a program with its output kept; the caller ends it. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): RunningProgram {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exit = new Promise<Exit>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
  const line = (pattern: RegExp): Promise<RegExpMatchArray> =>
    new Promise((done, fail) => {
      const look = (): void => {
        const match = stdout.match(pattern);
        if (match !== null) done(match);
      };
      child.stdout.on('data', look);
      look();
      void exit.then(() => fail(new Error(`ended before ${pattern}: ${stdout}${stderr}`)), fail);
    });
  return { child, pid: child.pid ?? -1, exit, line };
}
