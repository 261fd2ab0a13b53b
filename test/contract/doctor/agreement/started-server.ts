import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from '../../../helpers/free-ports.ts';
import { type NatsServerBinary, type RunningNats, startNats } from '../../../helpers/nats-servers.ts';
import { runProgram } from '../../../helpers/typescript-program.ts';

/** Does a server start with a configuration, and what does it say? */
export type Verdict = { started: true; log: string } | { started: false; log: string };

/**
 * A copy of a fixture that a server of this machine can be started from: listening on loopback, on ports of its own
 * choice, with a store within the copy. Nothing else is changed.
 */
export class ConfCopy implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async of(folder: string): Promise<ConfCopy> {
    const directory = await mkdtemp(join(tmpdir(), 'devenv-start-'));
    for (const name of await readdir(folder, { recursive: true }))
      if (/\.(conf|pem)$/.test(name)) {
        await mkdir(dirname(join(directory, name)), { recursive: true });
        const text = await readFile(join(folder, name), 'utf8');
        await writeFile(join(directory, name), name.endsWith('.conf') ? onLoopback(text, directory) : text);
      }
    return new ConfCopy(directory);
  }

  /** Starts a server and hands it over; the caller stops it. Throws with the log when it does not start. */
  start(binary: NatsServerBinary, { file = 'nats.conf', env = {} } = {}): Promise<RunningNats> {
    const args = ['-a', '127.0.0.1', '-p', '-1', '-m', '-1'];
    return startNats(binary, join(this.directory, file), this.directory, { args, env });
  }

  async verdict(binary: NatsServerBinary, options: { env?: Record<string, string> } = {}): Promise<Verdict> {
    try {
      const running = await this.start(binary, options);
      await running.stop();
      const { stdout, stderr } = await running.program.exit;
      return { started: true, log: stdout + stderr };
    } catch (error) {
      return { started: false, log: String(error) };
    }
  }

  /** Gives two files that shall find each other free ports for routes, and a log beside each. Returns their names. */
  async asCluster(...files: readonly string[]): Promise<readonly string[]> {
    const ports = await freePorts(files.length);
    for (const [index, file] of files.entries()) {
      const path = join(this.directory, file);
      const routes = ports.map((port) => `"nats-route://127.0.0.1:${port}"`).join(', ');
      const text = (await readFile(path, 'utf8'))
        .replace(/routes: \[[^\]]*\]/, `routes: [${routes}]`)
        .replace(/listen: "[^"]*"/, `listen: "127.0.0.1:${ports[index]}"`);
      await writeFile(path, `${text}\nlog_file: "${path}.log"\n`);
    }
    return files;
  }

  async logs(): Promise<string> {
    const names = (await readdir(this.directory)).filter((name) => name.endsWith('.log'));
    return (await Promise.all(names.map((name) => readFile(join(this.directory, name), 'utf8')))).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

function onLoopback(text: string, directory: string): string {
  return text
    .replaceAll(/"(0\.0\.0\.0|127\.0\.0\.1):6\d\d\d"/g, '"127.0.0.1:-1"')
    .replaceAll(/\bport: 6\d\d\d\b/g, 'port: -1')
    .replaceAll(/"([\w-]+\.pem)"/g, `"${directory}/$1"`)
    .replaceAll(/(store_dir\s*[:=]?\s*)"?[\w./-]+"?/g, `$1"${directory}/data"`);
}

/** Runs nats-server with arguments until it ends by itself. */
export async function endedBy(binary: NatsServerBinary, args: readonly string[]) {
  const program = runProgram(binary.path, args);
  const timer = setTimeout(() => program.child.kill('SIGKILL'), 60_000);
  const exit = await program.exit;
  clearTimeout(timer);
  return exit;
}
