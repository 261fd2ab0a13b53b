import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { errnoOf } from '../../adapters/files.ts';
import { DevenvError } from '../../errors.ts';

/** Never part of what an image is made from in practice, and large or ever changing. */
const SKIPPED = new Set(['.git', 'node_modules', '.devenv']);

/**
 * A hash that changes when a build context changes: path, size and time of every file, and the Dockerfile's text. Files that
 * `.dockerignore` leaves out do not count; a pattern too rich to be understood here counts its files in, which
 * can only cause a build too many. Throws BUILD_FAILED when the context or the Dockerfile cannot be read.
 */
export function contextHash(context: string, dockerfile = 'Dockerfile'): string {
  try {
    const hash = createHash('sha256').update(
      readFileSync(isAbsolute(dockerfile) ? dockerfile : join(context, dockerfile)),
    );
    const ignored = ignorePatterns(context);
    for (const path of filesBelow(context, context, ignored)) {
      const { size, mtimeMs, mode } = statSync(join(context, path));
      hash.update(`\0${path}\0${size}\0${mtimeMs}\0${mode}`);
    }
    return hash.digest('hex').slice(0, 12);
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    throw new DevenvError(
      'BUILD_FAILED',
      `The build context ${context} (Dockerfile: ${dockerfile}) cannot be read: ${code}.`,
      {
        hint: 'See build.context and build.dockerfile of the service in devenv.yaml.',
        cause: error,
      },
    );
  }
}

function* filesBelow(root: string, folder: string, ignored: (path: string) => boolean): Generator<string> {
  const entries: Dirent[] = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const inside = relative(root, path).split(sep).join('/');
    if (SKIPPED.has(entry.name) || ignored(inside)) continue;
    if (entry.isDirectory()) yield* filesBelow(root, path, ignored);
    else if (entry.isFile()) yield inside;
  }
}

/** Plain paths and `*` of `.dockerignore`; with a `!` line nothing is left out, because order then matters. */
function ignorePatterns(context: string): (path: string) => boolean {
  let text: string;
  try {
    text = readFileSync(join(context, '.dockerignore'), 'utf8');
  } catch {
    return () => false;
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.some((line) => line.startsWith('!'))) return () => false;
  const patterns = lines.filter((line) => !/[[\]?\\]/.test(line)).map(patternOf);
  return (path) => patterns.some((pattern) => pattern.test(path));
}

function patternOf(line: string): RegExp {
  const clean = line.replace(/^\.?\//, '').replace(/\/$/, '');
  const source = clean.split(/(\*\*\/|\*\*|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part.replaceAll(/[.+^${}()|]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}(?:/|$)`);
}
