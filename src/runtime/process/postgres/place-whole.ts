import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ensureDir, errnoOf, removeTree, unwritable } from '../../../adapters/files.ts';
import { identify } from '../../../adapters/processes.ts';

/**
 * Makes a folder so that it is either not there or complete: `fill` works on `<path>.<pid>-<random>.partial`, which then takes
 * the final name. Whoever is second to finish throws its own away. What a killed process left half made is cleared.
 * Does nothing when the folder is there.
 */
export async function placeWhole(path: string, fill: (partial: string) => Promise<void>): Promise<void> {
  if (await isThere(path)) return;
  const partial = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.partial`;
  await ensureDir(dirname(path));
  await clearPartials(path);
  try {
    await mkdir(partial);
    // Whatever the umask: what is in it has its own modes.
    await chmod(partial, 0o755);
    await fill(partial);
    await rename(partial, path);
  } catch (error) {
    await removeTree(partial);
    const lost = errnoOf(error) === 'ENOTEMPTY' || errnoOf(error) === 'EEXIST';
    if (lost && (await isThere(path))) return;
    throw unwritable(path, error);
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Removes partial folders whose makers are dead. */
export async function clearPartials(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(`${basename(path)}.`)
      ? /\.(\d+)-[0-9a-f]+\.partial$/.exec(name)?.[1]
      : undefined;
    if (pid === undefined) continue;
    if ((await identify(Number(pid))) === null) await removeTree(join(dirname(path), name));
  }
}
