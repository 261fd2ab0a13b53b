import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../../adapters/deadline.ts';
import type { Machine } from '../machine.ts';
import { runCommand } from '../postgres/commands.ts';
import { assetIn, releaseFile, releasePlatform, UPSTREAM } from './release.ts';

export interface SourceContext {
  machine: Machine;
  /** Version wanted. */
  version: string;
  /** An empty folder that is removed afterwards. */
  workDir: string;
  progress: (text: string, done?: number, total?: number) => void;
  signal: AbortSignal;
}

/** Without network the answer must come at once; with it, GitHub answers within a fraction of this. */
const CONNECT_MS = 3_000;
/** A download that stands still for so long will not go on. */
const STALL_MS = 15_000;

/**
 * The upstream release: SHA256SUMS, then the archive, whose checksum is verified before it is unpacked. Returns the
 * path of the program in `workDir`; throws an Error with the reason.
 */
export async function fromUpstream(context: SourceContext): Promise<string> {
  const { machine, version, workDir, signal } = context;
  const base = machine.env.DEVENV_NATS_RELEASES || UPSTREAM;
  const platform = releasePlatform(machine.platform, machine.arch);
  if (platform === undefined) throw new Error(`there is no release for ${machine.platform}-${machine.arch}`);
  const sums = await (await open(releaseFile(base, version, 'SHA256SUMS'), signal)).text();
  const asset = assetIn(sums, version, platform);
  if (asset === undefined) throw new Error(`release v${version} lists no archive for ${platform}`);
  const archive = join(workDir, asset.file);
  const sha256 = await download(releaseFile(base, version, asset.file), archive, asset.file, context);
  if (sha256 !== asset.sha256)
    throw new Error(
      `the checksum of ${asset.file} is ${sha256}, and SHA256SUMS says ${asset.sha256}: refused`,
    );
  const inside = `nats-server-v${version}-${platform}/nats-server`;
  const [program, args] = asset.file.endsWith('.zip')
    ? ['unzip', ['-q', archive, inside, '-d', workDir]]
    : ['tar', ['-xzf', archive, '-C', workDir, inside]];
  const { status, output } = await runCommand(program, args, { cwd: workDir, signal });
  if (status !== 0)
    throw new Error(`${program} cannot unpack ${asset.file}: ${output.trim().split('\n')[0]}`);
  return join(workDir, inside);
}

/** A response whose headers have arrived within CONNECT_MS. */
async function open(url: string, signal: AbortSignal, stall?: AbortController): Promise<Response> {
  const connecting = new AbortController();
  const timer = setTimeout(
    () => connecting.abort(new Error(`no answer within ${CONNECT_MS / 1000} s`)),
    CONNECT_MS,
  );
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, connecting.signal, ...(stall === undefined ? [] : [stall.signal])]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`${hostOf(url)} answers ${response.status} for ${url}`);
    }
    return response;
  } catch (error) {
    signal.throwIfAborted();
    // undici hides the reason (ENOTFOUND, ECONNREFUSED) behind "fetch failed".
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const reason = messageOf(cause);
    throw new Error(reason.includes(hostOf(url)) ? reason : `${hostOf(url)}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function download(
  url: string,
  file: string,
  name: string,
  { progress, signal }: SourceContext,
): Promise<string> {
  const stall = new AbortController();
  const response = await open(url, signal, stall);
  const length = Number(response.headers.get('content-length'));
  const total = Number.isSafeInteger(length) && length > 0 ? length : undefined;
  const hash = createHash('sha256');
  let done = 0;
  let told = 0;
  let timer = setTimeout(() => undefined, 0);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(new Error(`nothing came for ${STALL_MS / 1000} s`)), STALL_MS);
  };
  alive();
  try {
    await pipeline(
      response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as never),
      async function* (source: AsyncIterable<Uint8Array>) {
        for await (const chunk of source) {
          alive();
          hash.update(chunk);
          done += chunk.length;
          // Ten times a second is as fast as anybody reads.
          if (performance.now() - told > 100) {
            told = performance.now();
            progress(`downloading ${name}`, done, total);
          }
          yield chunk;
        }
      },
      createWriteStream(file, { mode: 0o600 }),
      { signal },
    );
  } finally {
    clearTimeout(timer);
  }
  progress(`downloaded ${name}`, done, total ?? done);
  return hash.digest('hex');
}

const hostOf = (url: string): string => {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
};
