import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repository } from '../../helpers/sandbox.ts';

const SOURCES = [
  'bin',
  'compose',
  'docs',
  'scripts',
  'src',
  'templates',
  'package.json',
  'tsconfig.json',
  'tsconfig.types.json',
  'README.md',
  'LICENSE',
];

/** The program of somebody who has installed devenv. */
const USER = `
import { checkProject, DevenvError, explain, openDoctor, startEnvironment, type Finding } from 'devenv';

export const errors: readonly string[] = (await checkProject('.', { natsVersion: '2.10.0' }))
  .filter(({ severity }) => severity === 'error')
  .map(({ rule, place }: Finding) => (place.kind === 'file' ? \`\${rule} \${place.file}:\${place.line}\` : place.object));
export const known: string | undefined = (await explain('10047'))?.rules[0]?.id;
export const start = async (): Promise<string | undefined> => {
  await using environment = await startEnvironment({ name: 'suite' });
  return environment.variables.NATS_URL;
};
// @ts-expect-error the types are those of devenv, not any
await openDoctor({ cwd: 3, env: process.env });
export const isOurs = (error: unknown): boolean => error instanceof DevenvError && error.code === 'FINDINGS';
`;

const HOST: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (path) => path,
  getCurrentDirectory: () => dir,
  getNewLine: () => '\n',
};

let dir: string;
let packed: string[];

/** Made in a copy: making the package rebuilds dist/, which other tests run. */
beforeAll(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'devenv-package-')));
  const copy = join(dir, 'copy');
  await mkdir(copy);
  for (const name of SOURCES) await cp(join(repository, name), join(copy, name), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'));
  await execa('npm', ['pack', '--pack-destination', dir], { cwd: copy });
  const user = join(dir, 'user');
  await mkdir(join(user, 'node_modules'), { recursive: true });
  await execa('tar', ['-xzf', join(dir, 'devenv-0.1.0.tgz'), '-C', join(user, 'node_modules')]);
  await execa('mv', ['package', 'devenv'], { cwd: join(user, 'node_modules') });
  const { stdout } = await execa('tar', ['-tzf', join(dir, 'devenv-0.1.0.tgz')]);
  packed = stdout.split('\n').map((path) => path.replace(/^package\//, ''));
}, 600_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

it('has its programs, declarations, documents and licence, and nothing that only its makers need', () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      'bin/devenv.js',
      'compose/app.Dockerfile',
      'dist/cli.js',
      'dist/devenv.schema.json',
      'dist/index.js',
      'dist/pipeline/api.js',
      'dist/supervisor.js',
      'dist/types/index.d.ts',
      'docs/rules/C01.md',
      'LICENSE',
      'README.md',
      'templates/pipeline/devenv.yaml',
    ]),
  );
  expect(packed.filter((path) => /^(src|test|node_modules|\.)|bench/.test(path))).toEqual([]);
});

it.each([
  { name: 'node16', module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  { name: 'bundler', module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
])('has types that a project with moduleResolution $name reads', async ({ module, moduleResolution }) => {
  const user = join(dir, 'user');
  await writeFile(join(user, 'package.json'), '{ "type": "module" }');
  await writeFile(join(user, 'user.ts'), USER);
  const program = ts.createProgram([join(user, 'user.ts')], {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
    module,
    moduleResolution,
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(repository, 'node_modules', '@types')],
  });
  // Those of the user and of the package, whole; what Node and the language declare is not ours to check.
  const read = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(user));
  expect(read.length).toBeGreaterThan(10);
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...read.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  expect(ts.formatDiagnostics(diagnostics, HOST)).toBe('');
});

it('checks the files of a project from a program', async () => {
  const user = join(dir, 'user');
  await writeFile(join(user, 'nats.conf'), 'jetstream {\n  max_memory: 1GB\n}\n');
  await writeFile(
    join(user, 'run.js'),
    "import { checkProject } from 'devenv';\nconsole.log(JSON.stringify(await checkProject('.')));\n",
  );
  const { stdout } = await execa(process.execPath, ['run.js'], { cwd: user });
  const findings = JSON.parse(stdout) as { severity: string }[];
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([
    expect.objectContaining({
      rule: 'C01',
      place: { kind: 'file', file: 'nats.conf', line: 2, column: 3 },
    }),
  ]);
});
