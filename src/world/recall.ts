import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { readText } from '../adapters/files.ts';
import { NAME_PATTERN } from '../config/scalars.ts';
import type { Declared } from '../engine/world.ts';
import type { Environment } from '../topology/deployment.ts';
import type { Topology } from '../topology/model.ts';
import { environmentOf } from './environment.ts';
import { stateStore } from './state-store.ts';

export interface Recalled {
  environment: Environment;
  /** As the last `up` that started something had it; null when that is not known. */
  topology: Topology | null;
  /** The devenv.yaml of that `up`, which is not there any more; null in every other case. */
  goneFile: string | null;
}

export interface Where {
  cwd: string;
  name?: string | undefined;
  /** `--config`; it may be gone. */
  configFile?: string | undefined;
  env: NodeJS.ProcessEnv;
}

/**
 * The environment that is meant, from what lies in `.devenv`: for when the declaration cannot be read any more. null
 * when nothing there can be meant, or more than one.
 */
export async function recall({ cwd, name, configFile, env }: Where): Promise<Recalled | null> {
  const projectDir = await folderWithState(configFile === undefined ? cwd : dirname(configFile));
  if (projectDir === null) return null;
  const asked = name ?? (env.DEVENV_NAME || (await nameInDotenv(projectDir)));
  const all = await Promise.all(
    (await namesIn(projectDir)).map(async (each) => {
      const environment = environmentOf(projectDir, each);
      return { environment, declared: await stateStore.loadDeclared(environment).catch(() => null) };
    }),
  );
  const meant = all.filter(({ environment, declared }) =>
    asked === undefined ? isUnnamed(environment, declared) : environment.name === asked,
  );
  const [only] = meant;
  if (only === undefined || meant.length > 1) return null;
  const { environment, declared } = only;
  const file = declared?.file ?? null;
  const goneFile = file === null || (await isThere(file)) ? null : file;
  return { environment, topology: declared?.topology ?? null, goneFile };
}

/** One that was given a name of its own is never meant by a command without one: `down --volumes` must not guess. */
const isUnnamed = ({ name, projectDir }: Environment, declared: Declared | null): boolean =>
  name === (declared?.topology.project ?? basename(projectDir));

/** The nearest folder from `start` upwards that holds environments, not beyond the root of a git repository. */
async function folderWithState(start: string): Promise<string | null> {
  const first = await realpath(start).catch(() => null);
  for (let folder = first; folder !== null; folder = dirname(folder)) {
    if ((await namesIn(folder)).length > 0) return folder;
    const isRoot = folder === dirname(folder) || (await isThere(join(folder, '.git')));
    if (isRoot) return null;
  }
  return null;
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function namesIn(projectDir: string): Promise<string[]> {
  const names = await readdir(join(projectDir, '.devenv')).catch(() => []);
  return names.filter((name) => NAME_PATTERN.test(name));
}

async function nameInDotenv(projectDir: string): Promise<string | undefined> {
  const text = await readText(join(projectDir, '.env')).catch(() => undefined);
  return (text === undefined ? undefined : parseEnv(text).DEVENV_NAME) || undefined;
}
