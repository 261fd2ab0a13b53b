import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureDir, readText, writeJson } from '../../../adapters/files.ts';

/** The oldest server whose streams, consumers and configuration are all that devenv uses. */
export const OLDEST = '2.10';

/** `2.10.27` out of `nats-server: v2.10.27`; undefined when it is something else. Pure. */
export const parseVersion = (text: string): string | undefined =>
  /nats-server:?\s+v?(\d+\.\d+\.\d+)/i.exec(text)?.[1];

/** Negative when `a` is older than `b`; missing parts count as 0. Pure. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.split('.').map(Number);
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < 3; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const isTooOld = (version: string): boolean => compareVersions(version, OLDEST) < 0;

export type Inspection = { version: string } | { failure: string };

/**
 * The version of a nats-server, by running `--version` once: the answer is kept in `<cache>/nats-server/versions.json`
 * for as long as the file does not change.
 */
export async function inspect(program: string, cache: string, signal: AbortSignal): Promise<Inspection> {
  const found = await stat(program).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  if (typeof found === 'string')
    return { failure: found === 'ENOENT' ? 'there is no such file' : `it cannot be read (${found})` };
  if (!found.isFile()) return { failure: 'it is not a file' };
  const key = `${program} ${found.size} ${found.mtimeMs}`;
  const file = join(cache, 'nats-server', 'versions.json');
  const known = await knownVersions(file);
  const cached = known[key];
  if (cached !== undefined) return { version: cached };
  const inspection = await askVersion(program, signal);
  if ('version' in inspection) {
    // Only a shortcut: a cache that cannot be written to costs 10 ms at each start.
    const others = Object.entries(known).filter(([other]) => !other.startsWith(`${program} `));
    await ensureDir(dirname(file)).catch(() => undefined);
    await writeJson(file, Object.fromEntries([...others.slice(-20), [key, inspection.version]])).catch(
      () => undefined,
    );
  }
  return inspection;
}

async function knownVersions(file: string): Promise<Record<string, string>> {
  try {
    const value: unknown = JSON.parse((await readText(file)) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, string>) : {};
  } catch {
    return {};
  }
}

/** Runs `<program> --version`. */
export function askVersion(program: string, signal: AbortSignal): Promise<Inspection> {
  return new Promise((resolve, reject) => {
    execFile(program, ['--version'], { signal, timeout: 5_000, env: {} }, (error, stdout, stderr) => {
      if (signal.aborted) return reject(signal.reason);
      const version = parseVersion(`${stdout}${stderr}`);
      if (version !== undefined) return resolve({ version });
      const said = `${stderr}${stdout}`.trim().split('\n')[0];
      resolve({ failure: `it does not say which version it is (${said || error?.message || 'no output'})` });
    });
  });
}
