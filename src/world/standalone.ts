import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDir } from '../adapters/files.ts';
import { readSqlFolder } from '../adapters/postgres/sql-folder.ts';
import type { World } from '../engine/world.ts';
import { DevenvError } from '../errors.ts';
import { renderStandalone } from '../render/compose-standalone.ts';
import { Assets } from '../runtime/docker/assets.ts';
import { writeRendered } from '../runtime/docker/rendering.ts';
import { composeDir, packageRoot, pipelineDir } from './package-root.ts';

/** Writes what `devenv generate` promises; OUTPUT_EXISTS, before anything is written, unless `force`. */
export const writeStandalone: World['writeStandalone'] = async (deployment, directory, { force }) => {
  const { fragments, dockerfile, programs } = new Assets({ composeDir, pipelineDir, packageRoot });
  const folder = deployment.topology.postgres.sql;
  const sql =
    folder === undefined
      ? []
      : (await readSqlFolder(folder)).map(({ name, text }) => ({ name, content: text }));
  const files = renderStandalone(deployment, { fragments, dockerfile, programs, sql });
  if (!force)
    await refuseExisting(
      directory,
      files.map(({ path }) => path),
    );
  await ensureDir(directory);
  await writeRendered(files, directory);
  return files.map(({ path }) => path);
};

async function refuseExisting(directory: string, paths: readonly string[]): Promise<void> {
  const exists = (path: string) =>
    access(join(directory, path)).then(
      () => true,
      () => false,
    );
  const found = await Promise.all(paths.map(async (path) => ((await exists(path)) ? [path] : [])));
  const existing = found.flat();
  if (existing.length === 0) return;
  throw new DevenvError(
    'OUTPUT_EXISTS',
    `${directory} already holds ${existing.length} of the files to be written`,
    {
      details: existing,
      hint: 'Name another folder, or write over them with --force (the credentials in .env change).',
    },
  );
}
