import { relative } from 'node:path';
import { DevenvError } from '../errors.ts';
import { locateProject, readTextFile } from './config-file.ts';
import { missingPaths } from './missing-paths.ts';
import type { Variables } from './overlay.ts';
import { type ConfigFlags, type Resolved, resolveConfig, type Sources } from './resolve.ts';
import type { YamlFile } from './yaml-document.ts';

export type { ConfigFlags, Place } from './resolve.ts';

/** The configuration after precedence: flags > environment (process, then `<project>/.env`) > devenv.yaml > defaults. */
export interface LoadedConfig extends Omit<Resolved, 'settings'>, Sources {
  /** Absolute, without symbolic links. */
  projectDir: string;
  /** Absolute; null when there is none and everything is default. */
  configFile: string | null;
  /** The file as it was read; null when there is none. */
  declaration: Declaration | null;
}

/** A devenv.yaml: its name as it is printed, its text, and what stands where in it. */
export interface Declaration {
  file: string;
  text: string;
  yaml: YamlFile;
}

export interface LoadOptions {
  cwd: string;
  flags?: ConfigFlags;
  env?: Variables;
}

/**
 * Finds, reads and checks the configuration. Throws CONFIG_NOT_FOUND, and CONFIG_INVALID with one line in `details` for
 * each problem: `devenv.yaml:3:5: nats.max_file_stor: unknown key; did you mean "max_file_store"? allowed: …`.
 */
export async function loadConfig({ cwd, flags = {}, env = {} }: LoadOptions): Promise<LoadedConfig> {
  const { projectDir, file, notes } = await locateProject(cwd, flags.configFile);
  const asPrinted = (path: string) => relative(cwd, path) || path;
  const [project, dotenv] = await Promise.all([
    file === null ? undefined : readProject(file, asPrinted(file)),
    readDotenv(`${projectDir}/.env`, asPrinted(`${projectDir}/.env`)),
  ]);
  const resolved = resolveConfig({ projectDir, flags, env, dotenv, project });
  const problems =
    'problems' in resolved ? resolved.problems : await missingPaths(resolved.settings, projectDir, resolved);
  if ('problems' in resolved || problems.length > 0) {
    throw new DevenvError(
      'CONFIG_INVALID',
      problems.length === 1
        ? 'The configuration has a problem.'
        : `The configuration has ${problems.length} problems.`,
      {
        details: shortened(problems),
        hint: 'Nothing was started. Correct the lines above and run the command again.',
      },
    );
  }
  const { settings: _, ...rest } = resolved;
  return {
    ...rest,
    notes: [...notes, ...resolved.notes],
    projectDir,
    configFile: file,
    declaration: project ?? null,
  };
}

/** A file that is something else altogether would fill the screen with its problems. */
const MOST_LINES = 50;

const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} more`];

async function readProject(file: string, printed: string): Promise<Declaration> {
  const text = await readTextFile(file);
  if (text === undefined) {
    throw new DevenvError('CONFIG_INVALID', `${file} is a link to a file that is not there.`, {
      hint: 'Remove the link or restore the file.',
    });
  }
  // Loaded only when there is YAML to read: it is a third of what this room costs at start.
  const { parseYaml } = await import('./yaml-document.ts');
  return { file: printed, text, yaml: parseYaml(text) };
}

/** Python projects keep a folder called .env; only a file is meant for us. */
async function readDotenv(file: string, printed: string) {
  const text = await readTextFile(file, { ignoreFolder: true });
  return text === undefined ? undefined : { text, file: printed };
}
