import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { DevenvError } from '../../../src/errors.ts';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'devenv-config-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

async function failure(cwd = root, configFile?: string): Promise<DevenvError> {
  const error = await loadConfig({ cwd, flags: { configFile } }).then(
    () => new Error('loaded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DevenvError)) throw error;
  return error;
}

describe('the project', () => {
  it('is the folder of the first devenv.yaml from the current folder upwards', async () => {
    await write({ 'shop/devenv.yaml': 'project: the-shop\n', 'shop/src/deep/file.ts': '' });
    const config = await loadConfig({ cwd: join(root, 'shop/src/deep') });
    expect(config).toMatchObject({
      projectDir: join(root, 'shop'),
      configFile: join(root, 'shop/devenv.yaml'),
      environmentName: 'the-shop',
    });
    expect(config.place(['project'])).toEqual({ file: '../../devenv.yaml', line: 1, column: 10 });
  });

  it('is not searched from a folder that is not there', async () => {
    expect(await failure(join(root, 'nowhere'))).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: `There is no folder ${join(root, 'nowhere')}.`,
    });
  });

  it('is not searched beyond the root of a git repository', async () => {
    await write({ 'devenv.yaml': 'project: outer\n', 'Inner Söhne!/.git/HEAD': '' });
    const config = await loadConfig({ cwd: join(root, 'Inner Söhne!') });
    expect(config).toMatchObject({ configFile: null, environmentName: 'inner-s-hne' });
    expect(config.projectDir).toBe(join(root, 'Inner Söhne!'));
  });

  it('is the root of a git repository when the file is there', async () => {
    await write({ '.git': 'gitdir: elsewhere\n', 'devenv.yaml': '', 'sub/x': '' });
    expect((await loadConfig({ cwd: join(root, 'sub') })).configFile).toBe(join(root, 'devenv.yaml'));
  });

  it('is the same whichever link leads to it', async () => {
    await write({ 'real/devenv.yaml': '' });
    await symlink(join(root, 'real'), join(root, 'link'));
    expect((await loadConfig({ cwd: join(root, 'link') })).projectDir).toBe(join(root, 'real'));
  });

  it('is the folder of the file that the command line names', async () => {
    await write({
      'ci/small.yaml': 'project: small\npostgres: {sql: sql}\n',
      'ci/sql/1.sql': '',
      'devenv.yaml': '',
    });
    const config = await loadConfig({ cwd: root, flags: { configFile: 'ci/small.yaml' } });
    expect(config.projectDir).toBe(join(root, 'ci'));
    expect(config.topology.postgres.sql).toBe(join(root, 'ci/sql'));
    expect((await failure(root, 'none.yaml')).code).toBe('CONFIG_NOT_FOUND');
  });

  it('says that a devenv.yml is not read', async () => {
    await write({ '.git/HEAD': '', 'devenv.yml': 'project: x\n' });
    expect((await loadConfig({ cwd: root })).notes).toEqual([
      `${join(root, 'devenv.yml')} is not read; rename it to devenv.yaml.`,
    ]);
  });

  it('reads .env beside the file, and takes no folder of that name for it', async () => {
    await write({
      'devenv.yaml': '',
      '.env': 'DEVENV_PORT_API=9000\nDATABASE_PASSWORD="x\ny"\n',
      'sub/x': '',
    });
    const { topology } = await loadConfig({ cwd: join(root, 'sub') });
    expect(topology.ports.find(({ name }) => name === 'api')?.preferred).toBe(9000);
    await write({ 'python/devenv.yaml': '', 'python/.env/bin/python': '' });
    expect((await loadConfig({ cwd: join(root, 'python') })).topology.ports).toHaveLength(5);
  });
});

describe('a devenv.yaml', () => {
  it.each<[what: string, content: string | Uint8Array, message: RegExp]>([
    ['that is binary', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), /is not a text file in UTF-8/],
    ['that is not UTF-8', new Uint8Array([0x61, 0x3a, 0x20, 0xe9, 0x0a]), /is not a text file in UTF-8/],
    ['that is UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0]), /is UTF-16; save it as UTF-8/],
    ['that is huge', 'x'.repeat(1024 * 1024 + 1), /has 1048577 bytes; at most 1 MiB is read/],
  ])('%s is refused', async (_, content, message) => {
    await write({ 'devenv.yaml': content });
    const error = await failure();
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(join(root, 'devenv.yaml'));
  });

  it('that is a folder, a named pipe or a link to nothing is refused, and nobody waits', async () => {
    await mkdir(join(root, 'a/devenv.yaml'), { recursive: true });
    expect((await failure(join(root, 'a'))).message).toMatch(/is a folder/);
    await mkdir(join(root, 'b'));
    execFileSync('mkfifo', [join(root, 'b/devenv.yaml')]);
    expect((await failure(join(root, 'b'))).message).toMatch(/is no plain file/);
    await mkdir(join(root, 'c'));
    await symlink('nowhere', join(root, 'c/devenv.yaml'));
    expect((await failure(join(root, 'c'))).message).toMatch(/is a link to a file that is not there/);
    await mkdir(join(root, 'd'));
    await symlink('devenv.yaml', join(root, 'd/devenv.yaml'));
    expect((await failure(join(root, 'd'))).message).toMatch(/cannot be read \(ELOOP\)/);
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read is refused', async () => {
    await write({ 'devenv.yaml': '' });
    execFileSync('chmod', ['000', join(root, 'devenv.yaml')]);
    expect((await failure()).message).toMatch(/cannot be read \(EACCES\)/);
  });

  it('with problems is answered with one error, one line for each', async () => {
    await write({ 'devenv.yaml': 'nats: {max_file_stor: 1GiB}\npostgres: {version: x}\n', 'sub/x': '' });
    const error = await failure(join(root, 'sub'));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      exit: 2,
      message: 'The configuration has 2 problems.',
    });
    expect(error.details).toEqual([
      expect.stringMatching(
        /^\.\.\/devenv\.yaml:1:8: nats\.max_file_stor: unknown key; did you mean "max_file_store"\?/,
      ),
      '../devenv.yaml:2:21: postgres.version: "x": expected a major version, such as 18',
    ]);
  });

  it('with a problem in every line does not fill the screen', async () => {
    await write({ 'devenv.yaml': Array.from({ length: 2000 }, (_, n) => `key${n}: 1`).join('\n') });
    const error = await failure();
    expect(error.message).toBe('The configuration has 2000 problems.');
    expect(error.details).toHaveLength(51);
    expect(error.details.at(-1)).toBe('… and 1950 more');
  });

  it('that names folders and files which are not there is told which', async () => {
    await write({
      'devenv.yaml': `postgres: {sql: sql}
services:
  a: {build: ./app}
  b: {command: node x.js, cwd: file}
`,
      'app/main.ts': '',
      file: '',
    });
    expect((await failure()).details).toEqual([
      `devenv.yaml:1:17: postgres.sql: "sql": the folder ${join(root, 'sql')} is not there`,
      `devenv.yaml:3:7: services.a.build.dockerfile: "Dockerfile": the file ${join(root, 'app/Dockerfile')} is not there`,
      `devenv.yaml:4:32: services.b.cwd: "file": the folder ${join(root, 'file')} is no folder`,
    ]);
  });
});

if (process.getuid?.() === 0) {
  process.stderr.write('a project file that may not be read is skipped: root may read everything\n');
}
