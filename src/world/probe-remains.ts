import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDir, errnoOf, readText, removeTree, unwritable, writeJson } from '../adapters/files.ts';
import { identifySelf, isAlive } from '../adapters/processes.ts';
import type { ProbeRemains } from '../engine/world.ts';
import { KEY_PATTERN, type Mark, type Marks, markOf } from '../probes/marks.ts';
import type { Environment } from '../topology/deployment.ts';

const ENDING = '.json';

export const probeRemains: ProbeRemains = {
  marks: marksOf,
  remove: async (...args) => (await import('../probes/orphans.ts')).removeOrphan(...args),
};

/** `<state folder>/probes/<key>.json`: a mark, and which process wrote it. */
function marksOf({ stateDir }: Environment): Marks {
  const folder = join(stateDir, 'probes');
  const fileOf = (key: string) => join(folder, `${key}${ENDING}`);
  return {
    async write(mark) {
      await ensureDir(folder);
      const { pid, startedAt } = await identifySelf();
      await writeJson(fileOf(mark.key), { ...mark, writer: { pid, startedAt } });
    },
    erase: (key) => removeTree(fileOf(key)),
    async orphans() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
        throw unwritable(folder, error);
      });
      const keys = names.flatMap((name) =>
        name.endsWith(ENDING) && KEY_PATTERN.test(name.slice(0, -ENDING.length))
          ? [name.slice(0, -ENDING.length)]
          : [],
      );
      const found = await Promise.all(keys.map((key) => orphanIn(fileOf(key), key)));
      return found.filter((mark) => mark !== null);
    },
  };
}

/** null also for a file that says nothing of use: it was cut short by a crash of the machine. */
async function orphanIn(file: string, key: string): Promise<Mark | null> {
  const text = await readText(file);
  let value: unknown;
  try {
    value = text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
  const mark = markOf(value);
  if (mark === null || mark.key !== key) return null;
  const { pid, startedAt } = (value as { writer?: { pid?: unknown; startedAt?: unknown } }).writer ?? {};
  const isKnown = typeof pid === 'number' && typeof startedAt === 'string';
  return isKnown && (await isAlive({ pid, startedAt })) ? null : mark;
}
