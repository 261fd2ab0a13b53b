import { constants } from 'node:fs';
import { lstat, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DevenvError } from '../errors.ts';

export const CONFIG_FILE = 'devenv.yaml';

/** A devenv.yaml has some hundred lines; what is larger is something else. */
const MAX_BYTES = 1024 * 1024;

export interface Location {
  /** Absolute, without symbolic links: the identity of an environment derives from it. */
  projectDir: string;
  /** Absolute; null when there is none. */
  file: string | null;
  notes: readonly string[];
}

/**
 * Where the project is: the folder of `configFile`, or of the first devenv.yaml from `cwd` upwards (not beyond the
 * root of a git repository), or `cwd` itself. Throws CONFIG_NOT_FOUND.
 */
export async function locateProject(cwd: string, configFile?: string): Promise<Location> {
  if (configFile !== undefined) {
    const file = resolve(cwd, configFile);
    if (!(await exists(file))) {
      throw new DevenvError('CONFIG_NOT_FOUND', `There is no file ${file}.`, {
        hint: 'Give the path of a devenv.yaml, or leave the option away to search from the current folder upwards.',
      });
    }
    const projectDir = await realpath(dirname(file));
    return { projectDir, file: join(projectDir, basename(file)), notes: [] };
  }
  const notes: string[] = [];
  const start = await realpath(cwd).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new DevenvError('CONFIG_NOT_FOUND', `There is no folder ${cwd}.`, { cause: error });
  });
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, CONFIG_FILE);
    if (await exists(file)) return { projectDir: folder, file, notes };
    if (await exists(join(folder, 'devenv.yml'))) {
      notes.push(`${join(folder, 'devenv.yml')} is not read; rename it to ${CONFIG_FILE}.`);
    }
    if (folder === dirname(folder) || (await exists(join(folder, '.git')))) {
      return { projectDir: start, file: null, notes };
    }
  }
}

/**
 * The text of a file that a person wrote. `undefined` when there is no such file. Throws CONFIG_INVALID when it is a
 * folder or a device, larger than 1 MiB, not readable or not UTF-8 text.
 */
export async function readTextFile(file: string, { ignoreFolder = false } = {}): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    const info = await stat(file);
    if (ignoreFolder && info.isDirectory()) return undefined;
    // Looked at before it is opened: opening a named pipe would wait for a writer for ever.
    if (!info.isFile()) throw refused(file, `is ${info.isDirectory() ? 'a folder' : 'no plain file'}`);
    if (info.size > MAX_BYTES) throw refused(file, `has ${info.size} bytes; at most 1 MiB is read`);
    bytes = await readAtMost(file, MAX_BYTES + 1);
  } catch (error) {
    if (error instanceof DevenvError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw refused(file, `cannot be read (${code ?? String(error)})`, error);
  }
  if (bytes.length > MAX_BYTES) throw refused(file, 'has more than 1 MiB');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) throw refused(file, 'is UTF-16; save it as UTF-8');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.includes('\0')) throw new TypeError('NUL');
    return text;
  } catch (error) {
    throw refused(file, 'is not a text file in UTF-8', error);
  }
}

async function readAtMost(file: string, limit: number): Promise<Buffer> {
  // Without waiting: it may be a pipe by now, and some files of /proc are read only as fast as the kernel talks.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(limit);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, limit - length);
      length += bytesRead;
      if (bytesRead === 0 || length === limit) return buffer.subarray(0, length);
    }
  } finally {
    await handle.close();
  }
}

const refused = (file: string, reason: string, cause?: unknown) =>
  new DevenvError('CONFIG_INVALID', `${file} ${reason}.`, {
    hint: `${basename(file) || file} has to be a readable text file.`,
    cause,
  });

/** A dangling link is there too: it is reported, not passed over. */
async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch {
    return false;
  }
}
