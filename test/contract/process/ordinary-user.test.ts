import {
  chmod,
  chown,
  copyFile,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layoutOf } from '../../../src/runtime/process/layout.ts';
import { cacheDir, thisMachine } from '../../../src/runtime/process/machine.ts';
import { lookupNatsServer } from '../../../src/runtime/process/nats-server/lookup.ts';
import { linkLibraries } from '../../../src/runtime/process/postgres/binaries.ts';
import { postgresPackage } from '../../../src/runtime/process/postgres/package.ts';
import { bundleProgram, runProgram } from '../../helpers/typescript-program.ts';
import { type ProcessWorld, processesOf, processWorld } from './support/process-world.ts';

let world: ProcessWorld;
beforeAll(async () => {
  world = await processWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const asRoot = process.getuid?.() === 0;
/** `nobody` on every Linux. */
const NOBODY = 65_534;

test('an ordinary user starts and removes everything in folders of their own', async (context) => {
  if (!asRoot)
    return context.skip('not root: every other file of this suite is run by an ordinary user already');
  const made = await world.deployment('ordinary');
  await world.runtime.prepare(made, await world.runtime.missing(made, world.signal), world.context);
  const { nats } = made.topology;
  const lookup = {
    setting: nats.binary,
    wanted: nats.version,
    env: process.env,
    cache: cacheDir(thisMachine()),
  };
  const { found } = await lookupNatsServer({ ...lookup, signal: world.signal });
  // The cache of root is its own.
  const binary = join(world.dir, 'nats-server');
  await copyFile(found!.program, binary);
  await chmod(binary, 0o755);
  const deployment = { ...made, topology: { ...made.topology, nats: { ...nats, binary } } };
  const home = await mkdtemp(join(world.dir, 'home-'));
  const { projectDir, stateDir } = deployment.environment;
  for (const path of [home, projectDir, dirname(stateDir), stateDir]) await chown(path, NOBODY, NOBODY);
  const program = await bundleProgram(
    world.dir,
    'ordinary',
    `import { createProcessRuntime } from './src/runtime/process/process-runtime.ts';
     process.setgid(${NOBODY}); process.setgroups([]); process.setuid(${NOBODY});
     const { deployment, options } = JSON.parse(process.env.GIVEN);
     const context = { stepId: 's', emit: (event) => console.error(event), signal: new AbortController().signal };
     const runtime = createProcessRuntime({ env: process.env, ...options });
     const missing = await runtime.missing(deployment, context.signal);
     await runtime.prepare(deployment, missing, context);
     await runtime.start(deployment, ['nats', 'postgres'], context);
     console.log('observed', JSON.stringify(await runtime.observe(deployment.environment, context.signal)));
     await runtime.remove(deployment.environment, { volumes: true }, context);
     console.log('removed');`,
  );
  // The package is resolved from beside the program.
  await symlink(join(process.cwd(), 'node_modules'), join(world.dir, 'node_modules'));
  const options = {
    supervisorProgram: join(world.dir, 'dist', 'supervisor.js'),
    pipelineDir: join(world.dir, 'dist', 'pipeline'),
  };
  const running = runProgram(process.execPath, [program], {
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, GIVEN: JSON.stringify({ deployment, options }) },
  });
  const { stdout, stderr } = await running.exit;
  expect(stderr).not.toMatch(/Error/);
  const observed = JSON.parse(/observed (.*)/.exec(stdout)?.[1] ?? '[]') as {
    service: string;
    state: string;
  }[];
  expect(observed.map(({ service, state }) => `${service} ${state}`).sort()).toEqual([
    'nats running',
    'postgres running',
  ]);
  expect(stdout).toContain('removed');
  expect(await processesOf(deployment.environment)).toEqual([]);
  expect(await readdir(stateDir)).toEqual([]);
});

test('libraries whose links were not made at installation are linked where they are', async () => {
  const found = await postgresPackage({ platform: process.platform, arch: process.arch });
  const copy = await mkdtemp(join(tmpdir(), 'devenv-links-'));
  try {
    await mkdir(join(copy, 'native'));
    await cp(join(found.dir, 'native', 'bin'), join(copy, 'native', 'bin'), { recursive: true });
    await cp(join(found.dir, 'native', 'share'), join(copy, 'native', 'share'), { recursive: true });
    // As npm unpacks it with --ignore-scripts: files only.
    await cp(join(found.dir, 'native', 'lib'), join(copy, 'native', 'lib'), {
      recursive: true,
      filter: async (source) => !(await lstat(source)).isSymbolicLink(),
    });
    await cp(join(found.dir, 'native', 'pg-symlinks.json'), join(copy, 'native', 'pg-symlinks.json'));
    const postgres = join(copy, 'native', 'bin', 'postgres');
    const before = await runProgram(postgres, ['--version']).exit;
    expect(before.stderr).toMatch(/cannot open shared object file|Library not loaded/);
    expect(await linkLibraries(copy)).toBe(true);
    expect((await runProgram(postgres, ['--version']).exit).stdout).toContain('PostgreSQL');
    // Nothing to do the second time.
    expect(await linkLibraries(copy)).toBe(true);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});

test('a database that belongs to somebody else is taken over by root, not left aside for an empty one', async (context) => {
  if (!asRoot) return context.skip('not root: there is no other account to run Postgres');
  const deployment = await world.deployment('taken-over');
  const { postgresData } = layoutOf(deployment.environment);
  const start = () => world.runtime.start(deployment, ['postgres'], world.context);
  const remove = (volumes: boolean) =>
    world.runtime.remove(deployment.environment, { volumes }, world.context);
  await start();
  await remove(false);
  // As `cp -r` leaves it.
  for (const path of [postgresData, ...(await readdir(postgresData, { recursive: true }))])
    await chown(resolve(postgresData, path), 0, 0);
  const before = await readFile(join(postgresData, 'global/pg_control'));
  await start();
  const [postgres] = await world.runtime.observe(deployment.environment, world.signal);
  expect(postgres).toMatchObject({ service: 'postgres', state: 'running', restarts: 0 });
  const after = await readFile(join(postgresData, 'global/pg_control'));
  // The system identifier, given once in the life of a database.
  expect(after.subarray(0, 8)).toEqual(before.subarray(0, 8));
  expect((await lstat(join(postgresData, 'base'))).uid).not.toBe(0);
  await remove(true);
});
