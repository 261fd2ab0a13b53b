import { mkdir, open, readFile, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DevenvError } from '../errors.ts';

/** Why a write failed, in words; any other errno is shown by its code. */
const REASONS: Readonly<Record<string, { reason: string; hint: string }>> = {
  ENOSPC: { reason: 'no space left on the device', hint: 'Free some space there and run the command again.' },
  EDQUOT: { reason: 'the disk quota is used up', hint: 'Free some space there and run the command again.' },
  EROFS: {
    reason: 'the file system is read-only',
    hint: 'Mount it writable, or run devenv in a folder that is.',
  },
  EACCES: { reason: 'permission denied', hint: 'Make the folder writable for the user who runs devenv.' },
  EPERM: {
    reason: 'operation not permitted',
    hint: 'Make the folder writable for the user who runs devenv.',
  },
  ENOTDIR: { reason: 'a part of the path is a file, not a folder', hint: 'Move that file out of the way.' },
  EISDIR: { reason: 'a folder is in the place of the file', hint: 'Move that folder out of the way.' },
  EEXIST: { reason: 'a file is in the place of the folder', hint: 'Move that file out of the way.' },
};

/** The `code` of a system error (`ENOSPC`), undefined for anything else. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^E[A-Z0-9]+$/.test(error.code)
    ? error.code
    : undefined;

/** A system error of a write as STATE_UNWRITABLE with path and reason; anything else is returned as it is. */
export function unwritable(path: string, error: unknown): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  const known = REASONS[code];
  const reason = known === undefined ? code : `${known.reason} (${code})`;
  return new DevenvError('STATE_UNWRITABLE', `Cannot write ${path}: ${reason}.`, {
    hint: known?.hint ?? 'See whether the folder exists and can be written to.',
    cause: error,
  });
}

/**
 * Replaces a file whole: readers see the old content or the new one, never a part, and a failure leaves the old one
 * and no temporary file. `owner` keeps whose it was, as far as one may. The mode holds from the first byte on, so a secret is never readable in between. Not synced:
 * what a power cut takes away is state that devenv can work out again.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { mode = 0o644, owner }: { mode?: number; owner?: { uid: number; gid: number } } = {},
): Promise<void> {
  // The global, because it is loaded at its first use: importing node:crypto takes 4 ms of every verb that reads a file.
  const temporary = `${path}.${process.pid}-${crypto.randomUUID().slice(0, 8)}.tmp`;
  let created = false;
  try {
    const file = await open(temporary, 'wx', mode);
    created = true;
    try {
      // Only root may give a file away; for others it is theirs already, or they make a copy of it.
      if (owner !== undefined) {
        await file.chown(owner.uid, owner.gid).catch(() => undefined);
        // Neither the umask nor the change of owner is to take anything of it away.
        await file.chmod(mode);
      }
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    if (created) await unlink(temporary).catch(() => undefined);
    throw unwritable(path, error);
  }
}

/**
 * Writes into a file that is there, so that whoever has it mounted or open sees the new text; where there is none it is
 * made. The old text is overwritten, not emptied first: what is read in between is never nothing.
 */
export async function writeInPlace(path: string, content: string, { mode }: { mode: number }): Promise<void> {
  const bytes = Buffer.from(content);
  try {
    const file = await open(path, 'r+');
    try {
      await file.write(bytes, 0, bytes.length, 0);
      await file.truncate(bytes.length);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw unwritable(path, error);
    await writeFileAtomic(path, content, { mode });
  }
}

/** Text of a file and what tells that it is still the same file; undefined when there is none. */
export async function readStamped(
  path: string,
): Promise<{ text: string; stamp: { inode: number; changedAt: number } } | undefined> {
  const text = await readText(path);
  const seen = await stat(path).catch(() => undefined);
  if (text === undefined || seen === undefined) return undefined;
  return { text, stamp: { inode: seen.ino, changedAt: seen.mtimeMs } };
}

/** Indented JSON with a newline at the end: people read state files when something went wrong. */
export const writeJson = (path: string, value: unknown, options: { mode?: number } = {}): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, options);

/** Makes a folder and its parents; the mode is only given to what is created. */
export async function ensureDir(path: string, { mode = 0o755 }: { mode?: number } = {}): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (error) {
    throw unwritable(path, errnoOf(error) === 'ENOENT' ? await firstObstacle(path, error) : error);
  }
}

/** Recursive mkdir reports ENOENT for a read-only file system; a plain one, at the first missing part, says why. */
async function firstObstacle(path: string, fallback: unknown): Promise<unknown> {
  const parent = dirname(path);
  if (parent === path) return fallback;
  try {
    await mkdir(path);
    await rmdir(path);
    return fallback;
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? firstObstacle(parent, fallback) : error;
  }
}

/** Removes a file or a folder with all that is in it; nothing there is success. */
export async function removeTree(path: string): Promise<void> {
  try {
    // Retries: a process that is just being ended may still write into the folder (ENOTEMPTY).
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** The text of a file, undefined when there is none; STATE_UNREADABLE when it cannot be read. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DevenvError('STATE_UNREADABLE', `Cannot read ${path}: ${code ?? String(error)}.`, {
      hint: `See who may read ${dirname(path)}.`,
      cause: error,
    });
  }
}

/** Parsed JSON, undefined when there is no file; STATE_UNREADABLE when it is not JSON. Check the shape yourself. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DevenvError('STATE_UNREADABLE', `${path} is not valid JSON: ${(error as Error).message}.`, {
      hint: 'Remove the file; devenv works out again what it needs.',
      cause: error,
    });
  }
}
