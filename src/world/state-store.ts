import { readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureDir, readText, removeTree, writeFileAtomic, writeJson } from '../adapters/files.ts';
import { parseState } from '../engine/state.ts';
import type { StateStore } from '../engine/world.ts';
import { DevenvError } from '../errors.ts';
import type { Environment, Secrets } from '../topology/deployment.ts';

const IGNORE_ALL = '# Made by devenv; nothing in here belongs in version control.\n*\n';

/** `<project>/.devenv/<environment>/{state,secrets}.json`. */
export const stateStore: StateStore = {
  async load(environment) {
    const file = stateFile(environment);
    const text = await readText(file);
    return text === undefined ? null : parseState(text, file);
  },

  async save(environment, state) {
    await makeFolder(environment);
    await writeJson(stateFile(environment), state);
  },

  async loadSecrets(environment) {
    const file = secretsFile(environment);
    const text = await readText(file);
    return text === undefined ? null : parseSecrets(text, file);
  },

  async saveSecrets(environment, secrets) {
    await makeFolder(environment);
    await writeJson(secretsFile(environment), secrets, { mode: 0o600 });
  },

  async remove(environment) {
    const existed = await readdir(environment.stateDir).then(
      () => true,
      () => false,
    );
    await removeTree(environment.stateDir);
    await removeWhenLast(dirname(environment.stateDir));
    return existed;
  },
};

const stateFile = ({ stateDir }: Environment) => join(stateDir, 'state.json');
const secretsFile = ({ stateDir }: Environment) => join(stateDir, 'secrets.json');

async function makeFolder({ stateDir }: Environment): Promise<void> {
  await ensureDir(stateDir);
  const ignore = join(dirname(stateDir), '.gitignore');
  if ((await readText(ignore)) === undefined) await writeFileAtomic(ignore, IGNORE_ALL);
}

/** `.devenv` goes with its last environment. Another one being made at this moment makes rmdir fail, as it should. */
async function removeWhenLast(folder: string): Promise<void> {
  const left = await readdir(folder).catch(() => []);
  if (left.some((name) => name !== '.gitignore')) return;
  await removeTree(join(folder, '.gitignore'));
  await rmdir(folder).catch(() => undefined);
}

function parseSecrets(text: string, file: string): Secrets {
  try {
    const value = JSON.parse(text) as Secrets;
    const texts = [value.nats.user, value.nats.password, value.postgres.user, value.postgres.password];
    if (texts.every((part) => typeof part === 'string' && part !== '')) return value;
  } catch {
    // Told below: for the user, broken JSON and missing fields are one problem.
  }
  throw new DevenvError('STATE_UNREADABLE', `${file} does not hold the credentials of an environment`, {
    hint: 'Restore the file, or run `devenv down --volumes` to give the environment up with its data.',
  });
}
