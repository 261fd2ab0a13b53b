import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Path, pathText } from './problems.ts';
import type { Sources } from './resolve.ts';
import type { Settings } from './settings.ts';

interface Expectation {
  path: Path;
  /** As written, relative to `from`. */
  written: string;
  from: string;
  kind: 'folder' | 'file';
}

/** One line for each declared folder or file that is not there; found now rather than when a service fails. */
export async function missingPaths(
  settings: Settings,
  projectDir: string,
  sources: Sources,
): Promise<string[]> {
  const lines = await Promise.all(
    expectations(settings, projectDir).map(async ({ path, written, from, kind }) => {
      const target = resolve(from, written);
      const found = await kindOf(target);
      if (found === kind) return [];
      const seen = found === undefined ? 'is not there' : `is no ${kind}`;
      return [
        `${sources.origin(path)}: ${pathText(path)}: ${JSON.stringify(written)}: the ${kind} ${target} ${seen}`,
      ];
    }),
  );
  return lines.flat();
}

function expectations(settings: Settings, projectDir: string): Expectation[] {
  const { sql } = settings.postgres;
  const wanted: Expectation[] = [];
  const want = (path: Path, written: string | undefined, kind: Expectation['kind'], from = projectDir) => {
    if (written !== undefined) wanted.push({ path, written, from, kind });
  };
  want(['postgres', 'sql'], sql, 'folder');
  for (const [name, { build, cwd }] of Object.entries(settings.services)) {
    want(['services', name, 'cwd'], cwd, 'folder');
    if (build === undefined) continue;
    const context = resolve(projectDir, build.context);
    const dockerfile = 'dockerfile' in build ? build.dockerfile : undefined;
    want(['services', name, 'build', 'context'], build.context, 'folder');
    want(['services', name, 'build', 'dockerfile'], dockerfile ?? 'Dockerfile', 'file', context);
  }
  return wanted;
}

async function kindOf(path: string): Promise<'folder' | 'file' | 'other' | undefined> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) return 'folder';
    return info.isFile() ? 'file' : 'other';
  } catch {
    return undefined;
  }
}
