import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bin = join(repository, 'bin', 'devenv.js');

export interface Run {
  status: number | undefined;
  stdout: string;
  stderr: string;
  ms: number;
}

/**
 * A project folder of its own and the real CLI in it. Port leases live in the sandbox's own state home only when
 * `ownLeases` is asked for: by default sandboxes share the machine's, as projects of one developer do.
 */
export class Sandbox implements AsyncDisposable {
  readonly dir: string;
  readonly env: Record<string, string>;

  private constructor(dir: string, env: Record<string, string>) {
    this.dir = dir;
    this.env = env;
  }

  static async create(
    files: Readonly<Record<string, string>> = {},
    env: Record<string, string> = {},
  ): Promise<Sandbox> {
    const dir = await mkdtemp(join(tmpdir(), 'devenv-e2e-'));
    const sandbox = new Sandbox(dir, env);
    for (const [name, content] of Object.entries(files)) await sandbox.write(name, content);
    return sandbox;
  }

  get name(): string {
    return basename(this.dir);
  }

  async write(name: string, content: string): Promise<void> {
    const path = join(this.dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  /** Starts the CLI and returns at once; the result never rejects. */
  start(args: readonly string[], env: Record<string, string> = {}) {
    return execa(process.execPath, [bin, ...args], {
      cwd: this.dir,
      env: { NO_COLOR: '1', ...this.env, ...env },
      reject: false,
      stdin: 'ignore',
    });
  }

  async run(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
    const started = performance.now();
    const { exitCode, stdout, stderr } = await this.start(args, env);
    return { status: exitCode, stdout, stderr, ms: performance.now() - started };
  }

  /** Runs a verb that must succeed and parses its JSON result. */
  async json<T>(args: readonly string[]): Promise<T> {
    const { status, stdout, stderr } = await this.run([...args, '--json']);
    if (status !== 0) throw new Error(`devenv ${args.join(' ')} exited with ${status}\n${stderr}\n${stdout}`);
    return JSON.parse(stdout) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run(['down', '--volumes']);
    await rm(this.dir, { recursive: true, force: true });
  }
}
