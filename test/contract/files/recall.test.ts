import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { environmentOf } from '../../../src/world/environment.ts';
import { recall } from '../../../src/world/recall.ts';
import { stateStore } from '../../../src/world/state-store.ts';
import { someTopology } from '../../helpers/topology.ts';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'recall-')));
});
afterEach(() => rm(dir, { recursive: true }));

const topology = someTopology();
const save = (name: string, file: string | null = null) =>
  stateStore.saveDeclared(environmentOf(dir, name), { file, topology });
const recalled = async (parts: { name?: string; cwd?: string; env?: Record<string, string> } = {}) =>
  (await recall({ cwd: dir, env: {}, ...parts }))?.environment.name;

it('the environment of the project is meant by no name, one with a name by that name only', async () => {
  await save('second');
  expect(await recalled()).toBeUndefined();
  expect(await recalled({ name: 'second' })).toBe('second');
  expect(await recalled({ name: 'third' })).toBeUndefined();
  await save(topology.project);
  expect(await recalled()).toBe(topology.project);
  expect(await recalled({ env: { DEVENV_NAME: 'second' } })).toBe('second');
  await writeFile(join(dir, '.env'), 'DEVENV_NAME=second\n');
  expect(await recalled()).toBe('second');
});

it('it is found from folders below, but not from another repository', async () => {
  await save(topology.project);
  await mkdir(join(dir, 'a', 'b'), { recursive: true });
  expect(await recalled({ cwd: join(dir, 'a', 'b') })).toBe(topology.project);
  await mkdir(join(dir, 'a', '.git'));
  expect(await recalled({ cwd: join(dir, 'a', 'b') })).toBeUndefined();
});

it('what was declared comes back as it was, with the file only when that is gone', async () => {
  const file = join(dir, 'devenv.yaml');
  await save(topology.project, file);
  expect(await recall({ cwd: dir, env: {} })).toMatchObject({ topology, goneFile: file });
  await writeFile(file, 'foo');
  expect(await recall({ cwd: dir, env: {} })).toMatchObject({ goneFile: null });
});

it.each(['', '{', 'null', '{"version":1}', '{"version":99,"topology":{"project":"x","services":[]}}'])(
  'of a file that holds %j only the environment is known, by its folder',
  async (text) => {
    const name = basename(dir).toLowerCase();
    const { stateDir } = environmentOf(dir, name);
    await mkdir(stateDir, { recursive: true });
    await writeFile(join(stateDir, 'declared.json'), text);
    expect(await recall({ cwd: dir, env: {}, name })).toMatchObject({ topology: null, goneFile: null });
  },
);
