import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of devenv's own package.json, found from wherever this code was bundled to: `dist/chunks/` in a build,
 * `src/world/` under a test runner.
 */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('devenv cannot find its own package.json');
  return findRoot(parent);
}

/** The shipped programs, each one file that needs nothing but Node. */
export const pipelineDir = join(packageRoot, 'dist', 'pipeline');
/** Compose fragments and the Dockerfile of the shipped pipeline. */
export const composeDir = join(packageRoot, 'compose');
export const supervisorProgram = join(packageRoot, 'dist', 'supervisor.js');
