import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.ts';

let place: string;
let packageRoot: string;
let cwd: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'devenv-init-'));
  packageRoot = join(place, 'package');
  cwd = join(place, 'here');
  await write('package/templates/pipeline/devenv.yaml', 'project: orders\n');
  await write('package/templates/pipeline/sql/001.sql', 'SELECT 1;\n');
  await write('package/templates/pipeline/.devenv/state.json', '{}');
  await write('package/templates/chat/devenv.yaml', 'project: chat\n');
  await write('package/dist/devenv.schema.json', '{"title":"devenv"}');
  await mkdir(cwd);
});
afterEach(() => rm(place, { recursive: true, force: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(join(place, path, '..'), { recursive: true });
  await writeFile(join(place, path), content);
}
const init = (...args: string[]) => runCli(['init', ...args], { packageRoot, cwd });
const files = async (folder = cwd) => (await readdir(folder, { recursive: true })).sort();

describe('init', () => {
  it('copies the starter and the schema, and says what to do next', async () => {
    expect(await init('orders')).toMatchObject({
      status: 0,
      stdout:
        'wrote the pipeline starter into orders:\n  devenv.schema.json\n  devenv.yaml\n  sql/001.sql\n' +
        'start it with: devenv up -C orders\n',
    });
    expect(await files(join(cwd, 'orders'))).toEqual([
      'devenv.schema.json',
      'devenv.yaml',
      'sql',
      'sql/001.sql',
    ]);
    expect(await readFile(join(cwd, 'orders/devenv.schema.json'), 'utf8')).toBe('{"title":"devenv"}');
  });

  it('works here and with another template, and in JSON', async () => {
    const { stdout } = await init('--template', 'chat', '--json');
    expect(JSON.parse(stdout)).toEqual({
      directory: cwd,
      template: 'chat',
      files: ['devenv.schema.json', 'devenv.yaml'],
      overwritten: [],
    });
    expect(await readFile(join(cwd, 'devenv.yaml'), 'utf8')).toBe('project: chat\n');
  });

  it('refuses to write over anything, names it, and changes nothing', async () => {
    await write('here/devenv.yaml', 'mine');
    await write('here/sql/001.sql', 'mine');
    await write('here/other.txt', 'mine');
    expect(await init()).toMatchObject({
      status: 2,
      stdout: '',
      stderr:
        `error: ${cwd} already has files that init would write over.\n  devenv.yaml\n  sql/001.sql\n` +
        'hint: Name another folder, or give --force to write over them.\n',
    });
    expect(await files()).toEqual(['devenv.yaml', 'other.txt', 'sql', 'sql/001.sql']);
    expect(await readFile(join(cwd, 'devenv.yaml'), 'utf8')).toBe('mine');
  });

  it('--force writes over files, but never through a link', async () => {
    await write('here/sql/001.sql', 'mine');
    await write('elsewhere.yaml', 'not to be touched');
    await symlink(join(place, 'elsewhere.yaml'), join(cwd, 'devenv.yaml'));
    const { status, stdout } = await init('--force', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).overwritten).toEqual(['devenv.yaml', 'sql/001.sql']);
    expect(await readFile(join(cwd, 'devenv.yaml'), 'utf8')).toBe('project: orders\n');
    await expect(readlink(join(cwd, 'devenv.yaml'))).rejects.toThrow('EINVAL');
    expect(await readFile(join(place, 'elsewhere.yaml'), 'utf8')).toBe('not to be touched');
  });

  it('a dangling link counts as something that is there', async () => {
    await symlink('/nowhere/at/all', join(cwd, 'devenv.yaml'));
    expect(await init()).toMatchObject({ status: 2, stderr: expect.stringContaining('  devenv.yaml\n') });
  });

  it('a template that there is not: the nearest', async () => {
    expect(await init('--template', 'pipelin')).toMatchObject({
      status: 2,
      stderr:
        'error: There is no template "pipelin"; there are chat and pipeline.\nhint: Did you mean pipeline?\n',
    });
    expect(await init('--template', '../../secret')).toMatchObject({ status: 2 });
  });

  it('what is in the way is named, not a stack', async () => {
    await write('here/orders', 'a file where the folder should be');
    const { status, stderr } = await init('orders');
    expect(status).toBe(3);
    expect(stderr).toContain(`Cannot write ${join(cwd, 'orders', 'devenv.yaml')}`);
    await mkdir(join(cwd, 'devenv.yaml'));
    expect((await init('--force')).status).toBe(3);
  });

  it.skipIf(process.getuid?.() === 0)('a folder that cannot be written to', async () => {
    await chmod(cwd, 0o555);
    expect(await init()).toMatchObject({ status: 3, stderr: expect.stringContaining('permission denied') });
    await chmod(cwd, 0o755);
  });
});

if (process.getuid?.() === 0) {
  process.stderr.write('init into a folder without permission is skipped: root may write everywhere\n');
}
