import { readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureDir, readText, removeTree, writeFileAtomic, writeJson } from '../adapters/files.ts';
import { parseState } from '../engine/state.ts';
import type { Declared, KnownSecrets, StateStore } from '../engine/world.ts';
import { DevenvError } from '../errors.ts';
import type { Environment, NatsCredential } from '../topology/deployment.ts';

const IGNORE_ALL = '# Made by devenv; nothing in here belongs in version control.\n*\n';

/** Raised whenever the model changes so that commands could not use an older one. */
const DECLARED_VERSION = 1;

/** `<project>/.devenv/<environment>/{state,secrets,declared}.json`. */
export const stateStore: StateStore & {
  /** null when there is none that this devenv understands. */
  loadDeclared(environment: Environment): Promise<Declared | null>;
} = {
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

  async saveDeclared(environment, declared) {
    await makeFolder(environment);
    // Variables of the user's own services may be secrets.
    await writeJson(declaredFile(environment), { version: DECLARED_VERSION, ...declared }, { mode: 0o600 });
  },

  async loadDeclared(environment) {
    const text = await readText(declaredFile(environment));
    return text === undefined ? null : parseDeclared(text);
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
const declaredFile = ({ stateDir }: Environment) => join(stateDir, 'declared.json');
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

function parseDeclared(text: string): Declared | null {
  try {
    const { version, file, topology } = JSON.parse(text) as Partial<Declared> & { version?: unknown };
    const isTopology = typeof topology?.project === 'string' && Array.isArray(topology.services);
    if (version !== DECLARED_VERSION || !isTopology) return null;
    return { file: typeof file === 'string' ? file : null, topology };
  } catch {
    return null;
  }
}

function parseSecrets(text: string, file: string): KnownSecrets {
  try {
    const { nats, postgres, ...rest } = JSON.parse(text) as KnownSecrets & { nats: unknown };
    const known = credentialsIn(nats);
    if (known !== undefined && isLogin(postgres)) return { ...rest, nats: known, postgres };
  } catch {
    // Told below: for the user, broken JSON and missing fields are one problem.
  }
  throw new DevenvError('STATE_UNREADABLE', `${file} does not hold the credentials of an environment`, {
    hint: 'Restore the file, or run `devenv down --volumes` to give the environment up with its data.',
  });
}

/** Before there were accounts, one user did everything: `{"user": "devenv", "password": "…"}`. */
function credentialsIn(nats: unknown): Record<string, NatsCredential> | undefined {
  if (isLogin(nats)) return { [nats.user]: { kind: 'password', password: nats.password } };
  if (typeof nats !== 'object' || nats === null) return undefined;
  const entries = Object.entries(nats as Record<string, NatsCredential>);
  return entries.length > 0 && entries.every(([, one]) => isCredential(one))
    ? Object.fromEntries(entries)
    : undefined;
}

const isLogin = (value: unknown): value is { user: string; password: string } =>
  hasTexts(value, ['user', 'password']);

const TEXTS_OF = { password: ['password'], bcrypt: ['password', 'hash'], nkey: ['seed', 'publicKey'] };

const isCredential = (value: NatsCredential): boolean =>
  hasTexts(value, ['kind']) && Object.hasOwn(TEXTS_OF, value.kind) && hasTexts(value, TEXTS_OF[value.kind]);

const hasTexts = (value: unknown, keys: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  keys.every((key) => {
    const text = (value as Record<string, unknown>)[key];
    return typeof text === 'string' && text !== '';
  });
