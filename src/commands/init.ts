import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, unlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { DevenvError, EXIT } from '../errors.ts';
import { defineCommand, expectKnown, flag, type OptionSpec } from './command.ts';

const SCHEMA = 'devenv.schema.json';
/** What running a template inside the checkout leaves in it. */
const NEVER_COPIED: ReadonlySet<string> = new Set(['.devenv', 'node_modules']);

const template: OptionSpec<string> = {
  flags: '--template <name>',
  description: 'which starter to copy',
  default: 'pipeline',
  shownDefault: 'pipeline',
  completion: { kind: 'one-of', values: ['pipeline'] },
  parse: (text) => text,
};

export const init = defineCommand({
  name: 'init',
  summary: 'copy a starter project with a commented devenv.yaml',
  description:
    'Copies a starter into the folder (the current one by default) together with the JSON Schema that editors use to ' +
    'check and complete devenv.yaml. Refuses to write over anything that is there unless --force is given.',
  arguments: [
    { name: 'directory', description: 'where to write (default: here)', completion: { kind: 'directory' } },
  ],
  options: { template, force: flag('--force', 'write over files that are there') },
  examples: [
    { command: 'devenv init orders', meaning: 'into a new folder' },
    { command: 'devenv init --force', meaning: 'here, over what is there' },
  ],
  async run(context, { args: [directory = '.'], options }) {
    const templates = join(context.packageRoot, 'templates');
    const known = (await readdir(templates, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expectKnown('USAGE', 'template', [options.template], known);
    const target = resolve(context.cwd, directory);
    const sources = new Map(await filesOf(join(templates, options.template)));
    sources.set(SCHEMA, join(context.packageRoot, 'dist', SCHEMA));

    const existing = await present(target, [...sources.keys()]);
    if (existing.length > 0 && !options.force) {
      throw new DevenvError('OUTPUT_EXISTS', `${target} already has files that init would write over.`, {
        details: existing,
        hint: 'Name another folder, or give --force to write over them.',
      });
    }
    for (const [path, source] of sources) await copy(source, join(target, path));

    const files = [...sources.keys()].sort();
    await context.result(
      { directory: target, template: options.template, files, overwritten: existing },
      ({ style, invocation }) => {
        const shown = relative(context.cwd, target);
        return [
          `wrote the ${style.bold(options.template)} starter into ${style.bold(shown || 'this folder')}:`,
          ...files.map((file) => `  ${file}`),
          style.dim(`start it with: ${invocation('up', shown === '' ? undefined : directory)}`),
        ];
      },
    );
    return EXIT.ok;
  },
});

/** Path within the template → absolute path, for every file in it. */
async function filesOf(root: string, below = ''): Promise<[string, string][]> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  const found = entries
    .filter(({ name }) => !NEVER_COPIED.has(name))
    .map(async (entry): Promise<[string, string][]> => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? filesOf(root, path) : [[path, join(root, path)]];
    });
  return (await Promise.all(found)).flat();
}

async function present(target: string, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const there = await lstat(join(target, path)).catch(ignoreAbsent);
    if (there !== undefined) found.push(path);
  }
  return found.sort();
}

/** A file in the place of a folder means that the wanted path cannot exist either; `copy` will say so. */
function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

/** Removes first and then insists on a new file, so that a symbolic link in the way is replaced, never followed. */
async function copy(source: string, target: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    await unlink(target).catch(ignoreAbsent);
    await copyFile(source, target, constants.COPYFILE_EXCL);
  } catch (error) {
    const { unwritable } = await import('../adapters/files.ts');
    throw unwritable(target, error);
  }
}
