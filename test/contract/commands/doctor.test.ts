import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../../src/doctor/report.ts';
import { type BuiltCli, buildCli } from '../cli/built-cli.ts';

let cli: BuiltCli;
let dir: string;

beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'devenv-doctor-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const put = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(dir, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
};

interface Ran {
  status: number | undefined;
  stdout: string;
  stderr: string;
}

/** The program as it is installed, in `dir`. Whatever happens, it ends by itself and shows nobody its insides. */
async function devenv(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const { exitCode, stdout, stderr, timedOut } = await execa(process.execPath, [cli.program, ...args], {
    cwd: dir,
    env: { NO_COLOR: '1', ...env },
    input,
    reject: false,
    timeout: 150_000,
  });
  expect(timedOut, 'it hangs').toBe(false);
  expect(`${stdout}\n${stderr}`).not.toMatch(/^\s+at .+:\d+:\d+/m);
  expect(`${stdout}\n${stderr}`).not.toContain('bug in devenv');
  return { status: exitCode, stdout, stderr };
}

const report = async (args: readonly string[], how?: Parameters<typeof devenv>[1]): Promise<DoctorReport> => {
  const { status, stdout, stderr } = await devenv(['doctor', '--json', ...args], how);
  expect([0, 7], stderr).toContain(status);
  return JSON.parse(stdout) as DoctorReport;
};

describe('doctor --conf with a file that is', () => {
  it.each([
    ['empty', ''],
    ['blank lines', '\n\n  \n'],
    ['one byte', '{'],
    ['binary', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256))],
    ['UTF-16', Buffer.from('\ufeffport: 4222\n', 'utf16le')],
    ['nested deeper than any stack', 'a {'.repeat(100_000)],
    ['lists in lists', `a: ${'['.repeat(100_000)}`],
    ['one line of a megabyte', `a: "${'x'.repeat(1024 * 1024)}"`],
    ['a hundred thousand lines of nonsense', 'foo: $bar\n'.repeat(100_000)],
    ['an unterminated string', 'a: "'],
    ['a variable that is not there', 'port: $NO_SUCH_VARIABLE\n'],
    ['a variable that is itself', 'a: $a\n'],
    ['an include of nothing', 'include ./nothing.conf\n'],
    ['an include of a folder', 'include ./.\n'],
    ['an include of itself', 'include ./nats.conf\n'],
    ['an include of a device', 'include ../../../../../../../../dev/zero\n'],
  ])('%s', async (_, content) => {
    await put('nats.conf', content);
    const { findings } = await report(['--conf', 'nats.conf']);
    for (const { cause, fix, rule } of findings) {
      expect(cause, rule).not.toBe('');
      expect(fix, rule).not.toBe('');
    }
  });

  it('a circle of includes', async () => {
    await put('nats.conf', 'include ./a/b.conf\n');
    await put('a/b.conf', 'include ./../nats.conf\n');
    await report(['--conf', 'nats.conf']);
  });

  it('written on Windows', async () => {
    await put('nats.conf', '\ufeffport: 4222\r\nmax_payload: 1MB\r\n');
    await report(['--conf', 'nats.conf']);
  });
});

describe('doctor refuses, with the name and the reason, a file that is', () => {
  it.each(['--conf', '--compose', '--manifest'])('not there (%s)', async (option) => {
    const { status, stderr } = await devenv(['doctor', option, 'nothing.yaml']);
    expect(status).toBe(2);
    expect(stderr).toContain('nothing.yaml is not there');
  });

  it.each(['--conf', '--compose', '--manifest'])('a folder (%s)', async (option) => {
    const { status, stderr } = await devenv(['doctor', option, '.']);
    expect(status).toBe(2);
    expect(stderr).toContain('is a folder');
  });

  it.each(['--conf', '--compose', '--manifest'])('a named pipe (%s)', async (option) => {
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    const { status, stderr } = await devenv(['doctor', option, 'pipe']);
    expect(status).toBe(2);
    expect(stderr).toContain('pipe is no plain file');
  });

  it.each(['--conf', '--compose', '--manifest'])('larger than anything that is read (%s)', async (option) => {
    await put('huge', '#'.repeat(9 * 1024 * 1024));
    const { status, stderr } = await devenv(['doctor', option, 'huge']);
    expect(status).toBe(2);
    expect(stderr).toContain('at most 8 MiB is read');
  });

  it('a link to nothing', async () => {
    await symlink('nowhere', join(dir, 'link.conf'));
    const { status, stderr } = await devenv(['doctor', '--conf', 'link.conf']);
    expect(status).toBe(2);
    expect(stderr).toContain('link.conf is not there');
  });

  it('not readable', async () => {
    // Whoever tests as root may read everything; this one nobody may read at this place.
    await symlink('/proc/self/mem', join(dir, 'secret.conf'));
    const { status, stderr } = await devenv(['doctor', '--conf', 'secret.conf']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/secret\.conf cannot be read \(E[A-Z]+\)/);
  });

  it.each([
    ['a list', '- a\n- b\n'],
    ['a word', 'hello\n'],
    ['empty', ''],
    ['only comments', '# nothing\n'],
    ['no YAML', 'services: [a\n  b: }\n'],
    ['binary', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256))],
    ['nested deeper than any stack', `a: ${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['a template of Helm', 'a: {{ .Values.a }}\n{{- if .Values.b }}\nb: {{ .Values.b }}\n{{- end }}\n'],
  ])('a Compose file or a manifest that is %s', async (what, content) => {
    await put('file.yaml', content);
    for (const option of ['--compose', '--manifest']) {
      const { status, stderr } = await devenv(['doctor', option, 'file.yaml']);
      // Stream configurations come as lists; Compose files never do.
      if (what === 'a list' && option === '--manifest') {
        expect(status).toBe(0);
        continue;
      }
      expect(status, `${option}: ${stderr}`).toBe(2);
      expect(stderr).toMatch(/file\.yaml/);
      if (what === 'a template of Helm') expect(stderr).toContain('helm template');
    }
  });

  it.each([
    ['a list', '- a\n'],
    ['a word', 'hello\n'],
    ['no YAML', 'nats: [a\n'],
  ])('a devenv.yaml that is %s', async (_, content) => {
    await put('devenv.yaml', content);
    const { status, stderr } = await devenv(['doctor', '--static']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/devenv\.yaml:\d+:\d+: /);
  });
});

describe('doctor', () => {
  const CONF = '# kept\njetstream {\n  store_dir: "/data"\n  max_file_store: 10G # and this\n}\n';
  const COMPOSE = 'services:\n  nats:\n    image: nats:2.10.27-alpine\n';

  it('reads the usual files where there is no devenv.yaml, and says so', async () => {
    await put('nats.conf', CONF);
    await put('docker-compose.yml', COMPOSE);
    const { stdout, stderr } = await devenv(['doctor']);
    expect(stderr).toContain(
      'there is no devenv.yaml here; nats.conf and docker-compose.yml is what was read',
    );
    expect(stdout).toContain('nats-server 2.10.27 (image nats:2.10.27-alpine in docker-compose.yml)');
  });

  it('reads the nats.conf that a Compose file mounts, of the server itself only', async () => {
    await put('etc/server.conf', 'max_payload: 32MB\nmax_pending: 1MB\n');
    const mounts = 'volumes: ["./etc:/etc/nats:ro", "./away.conf:/away.conf"]';
    const service = (command: string) => `{ image: "nats:2.10-alpine", ${mounts}, command: ${command} }`;
    const compose = `services:\n  nats: ${service('["-c", "/etc/nats/server.conf"]')}\n  b: ${service('["-c", "/away.conf"]')}\n`;
    await put('deploy.yaml', compose);
    const { checked, findings } = await report(['--compose', 'deploy.yaml', '--rule', 'C13']);
    expect(checked.files).toEqual(['deploy.yaml', 'etc/server.conf']);
    expect(findings).toMatchObject([{ rule: 'C13', place: { file: 'etc/server.conf' } }]);
  });

  it('takes the version that it is told', async () => {
    await put('nats.conf', CONF);
    expect((await report(['--conf', 'nats.conf', '--nats-version', '2.9'])).checked).toMatchObject({
      natsVersion: '2.9.25',
      natsVersionFrom: '--nats-version',
    });
    const { status, stderr } = await devenv(['doctor', '--conf', 'nats.conf', '--nats-version', 'new']);
    expect(status).toBe(2);
    expect(stderr).toContain('2.10.27');
  });

  it('reads standard input', async () => {
    const { checked, findings } = await report(['--conf', '-'], {
      input: 'max_payload: 100MB\nmax_pending: 1MB\n',
    });
    expect(checked.files).toEqual(['(standard input)']);
    expect(findings.map(({ place }) => place)).toContainEqual(
      expect.objectContaining({ kind: 'file', file: '(standard input)', line: 1 }),
    );
  });

  it('quotes standard input, and offers no fix where nothing can be written', async () => {
    const input = 'jetstream { store_dir: /data, max_memory: 1GiB }\n';
    const { stdout } = await devenv(['doctor', '--conf', '-', '--rule', 'C01'], { input });
    expect(stdout).toContain(`1 | ${input.trim()}`);
    expect(stdout).toContain('checked: (standard input)');
    expect(stdout).not.toContain('--fix');
  });

  it('says of a manifest that no rule reads anything of it', async () => {
    await put('notify.yml', 'messaging:\n  consumers: { idle_heartbeat: 45s }\n');
    await put('pod.yaml', 'apiVersion: v1\nkind: Pod\n');
    await put('stream.json', '{"name": "A", "subjects": ["a"]}');
    await put('values.yaml', 'config: { jetstream: { enabled: true } }');
    const names = ['notify.yml', 'pod.yaml', 'stream.json', 'values.yaml'];
    const { stderr } = await devenv(['doctor', '--manifest', ...names]);
    expect(stderr.match(/\S+ has nothing that a rule reads/g)).toEqual([
      'notify.yml has nothing that a rule reads',
    ]);
  });

  it('says that the defaults are what was checked, where there is nothing else', async () => {
    expect((await devenv(['doctor', '--static'])).stderr).toContain(
      'the defaults of devenv are what was checked',
    );
    await put('devenv.yaml', 'project: shop\n');
    expect((await devenv(['doctor', '--static'])).stderr).toBe('');
  });

  it('checks the shipped pipeline without any file, and finds no mistake in it', async () => {
    const { findings, summary } = await report(['--static']);
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(summary.errors).toBe(0);
  });

  it('asks only the rules that it is told, and knows a typing mistake', async () => {
    await put('nats.conf', CONF);
    expect((await report(['--conf', 'nats.conf', '--rule', 'c13,C15'])).checked.rules).toBe(2);
    const { status, stderr } = await devenv(['doctor', '--rule', 'C1']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/no rule "C1"; there are \d+, from C01 to A\d\d\..*Did you mean C\d\d\?/s);
  });

  it('exits with 7 for errors, and for warnings when it is strict', async () => {
    await put('bad.conf', 'max_payload: 32MB\nmax_pending: 1MB\n');
    expect((await devenv(['doctor', '--conf', 'bad.conf', '--rule', 'C13'])).status).toBe(7);
    const services = 'services:\n  a:\n    command: node a.js\n    max_reconnects: 3\n';
    await put('devenv.yaml', `${services}streams: []\nconsumers: []\nentities: []\n`);
    expect((await devenv(['doctor', '--static', '--rule', 'K11'])).status).toBe(0);
    expect((await devenv(['doctor', '--static', '--rule', 'K11', '--strict'])).status).toBe(7);
  });

  it('leaves out what doctor.ignore names, and says so', async () => {
    const services = 'services:\n  a:\n    command: node a.js\n    max_reconnects: 3\n';
    await put(
      'devenv.yaml',
      `${services}streams: []\nconsumers: []\nentities: []\ndoctor: { ignore: [K11] }\n`,
    );
    const { stdout } = await devenv(['doctor', '--static']);
    expect(stdout).not.toContain('K11 a client');
    expect(stdout).toContain('silenced by doctor.ignore: K11');
  });

  it('covers passwords in the lines that it quotes', async () => {
    await put(
      'nats.conf',
      'max_pending: 1MB\nauthorization { user: a, password: "correct horse" }\nmax_payload: 32MB\n',
    );
    const { stdout } = await devenv(['doctor', '--conf', 'nats.conf']);
    expect(stdout).not.toContain('correct horse');
  });

  it.each([
    [['--static', '--live']],
    [['--live', '--conf', 'x']],
    [['--yes']],
    [['--conf', '-', '--compose', '-']],
    [['extra']],
  ])('refuses %j', async (args) => {
    expect((await devenv(['doctor', ...args])).status).toBe(2);
  });
});

describe('doctor --fix', () => {
  const BAD =
    '# who works what\nservices:\n  a:\n    command: node a.js\n    max_reconnects: 3   # until it gives up\nstreams: []\nconsumers: []\nentities: []\n';

  it('shows the diff, keeps comments and modes, and tells what is left', async () => {
    const path = await put('devenv.yaml', BAD);
    await chmod(path, 0o640);
    const { status, stdout } = await devenv(['doctor', '--static', '--rule', 'K11', '--fix', '--yes']);
    expect(stdout).toContain(
      '-    max_reconnects: 3   # until it gives up\n+    max_reconnects: forever   # until it gives up\n',
    );
    expect(stdout).toContain('fixed 1 of 1 findings in devenv.yaml');
    expect(stdout).toContain('no findings');
    expect(status).toBe(0);
    expect(await readFile(path, 'utf8')).toBe(BAD.replace(': 3 ', ': forever '));
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  it('writes nothing where nobody can be asked', async () => {
    const path = await put('devenv.yaml', BAD);
    for (const args of [[], ['--json']]) {
      const { status, stderr } = await devenv(['doctor', '--static', '--rule', 'K11', '--fix', ...args]);
      expect(status).toBe(2);
      expect(stderr).toContain('--yes');
    }
    expect(await readFile(path, 'utf8')).toBe(BAD);
  });

  it('tells as JSON what it did', async () => {
    await put('devenv.yaml', BAD);
    const { stdout } = await devenv(['doctor', '--static', '--rule', 'K11', '--fix', '--yes', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [],
      fix: { written: true, files: ['devenv.yaml'], findings: 1 },
    });
  });

  it('writes through a link, and leaves it a link', async () => {
    const path = await put('real.yaml', BAD);
    await symlink('real.yaml', join(dir, 'devenv.yaml'));
    await devenv(['doctor', '--static', '--rule', 'K11', '--fix', '--yes']);
    expect(await readFile(path, 'utf8')).toContain('forever');
  });

  it('leaves a write-protected file alone', async () => {
    const path = await put('devenv.yaml', BAD);
    await chmod(path, 0o444);
    const { status, stderr } = await devenv(['doctor', '--static', '--rule', 'K11', '--fix', '--yes']);
    expect(status).toBe(3);
    expect(stderr).toMatch(/devenv\.yaml is write-protected\.\n.*Nothing was written/s);
    expect(await readFile(path, 'utf8')).toBe(BAD);
  });

  it.skipIf(process.getuid?.() !== 0)('keeps whose file it is (only root can try)', async () => {
    const path = await put('devenv.yaml', BAD);
    await chown(path, 65_534, 1);
    await chmod(path, 0o660);
    await devenv(['doctor', '--static', '--rule', 'K11', '--fix', '--yes']);
    expect(await readFile(path, 'utf8')).toContain('forever');
    expect(await stat(path)).toMatchObject({ uid: 65_534, gid: 1, mode: 0o100660 });
  });

  it('says when there is nothing to mend', async () => {
    await put('devenv.yaml', BAD.replace(': 3 ', ': forever '));
    const { status, stdout } = await devenv(['doctor', '--static', '--rule', 'K11', '--fix', '--yes']);
    expect(status).toBe(0);
    expect(stdout).toContain('nothing here can be fixed mechanically');
  });

  it('refuses a file that changed meanwhile', async () => {
    const { doctorDesk } = await import('../../../src/world/doctor-desk.ts');
    const path = await put('devenv.yaml', BAD);
    const desk = doctorDesk({ cwd: dir, env: {}, look: async () => null });
    const { signal } = new AbortController();
    const request = {
      confs: [],
      composes: [],
      manifests: [],
      rules: ['K11'],
      static: true,
      live: 'no' as const,
    };
    const examination = await desk.examine(request, { signal });
    await appendFile(path, '# somebody else was here\n');
    const change = { file: 'devenv.yaml', before: BAD, after: 'x' };
    await expect(desk.write([change], examination)).rejects.toMatchObject({ code: 'FILE_CHANGED', exit: 3 });
    expect(await readFile(path, 'utf8')).toContain('somebody else');
  });
});

describe('explain', () => {
  it('reads a line from standard input', async () => {
    const input = '[1] 2026/11/21 04:00:00.000000 [ERR] insufficient storage resources available (10047)\n';
    const { status, stdout } = await devenv(['explain'], { input });
    expect(status).toBe(0);
    expect(stdout).toContain('JetStream error 10047: insufficient storage resources available');
  });

  it('takes words as a line, and answers as JSON', async () => {
    const { stdout } = await devenv(['explain', 'heartbeat', 'value', 'too', 'large', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ query: 'heartbeat value too large', rules: [{ id: 'K05' }] });
  });

  it.each([
    ['nonsense', 'xyzzy'],
    ['only colours', '\u001b[31m'],
    ['binary', '\u0001\u0002\ufffd'],
    ['a megabyte', 'x '.repeat(500_000)],
  ])('says what was searched for %s', async (_, input) => {
    const { status, stderr } = await devenv(['explain', '-'], { input });
    expect(status).toBe(2);
    expect(stderr).toMatch(/searched: \d+ rules|nothing to explain/);
  });

  it('says that there is nothing to explain', async () => {
    const { status, stderr } = await devenv(['explain'], { input: '\n' });
    expect(status).toBe(2);
    expect(stderr).toContain('nothing to explain');
  });
});
