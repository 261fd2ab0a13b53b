import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probePort } from '../../../src/adapters/port-probe.ts';
import {
  allocatePorts,
  type PortChoice,
  type PortLease,
  type PortOptions,
  type PortOwner,
  releasePorts,
} from '../../../src/adapters/ports.ts';
import { freePort } from '../../helpers/free-ports.ts';
import { bundleProgram, runProgram } from '../../helpers/typescript-program.ts';

let directory: string;
let stateRoot: string;
let servers: Server[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devenv-ports-'));
  stateRoot = join(directory, 'state');
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  await rm(directory, { recursive: true, force: true });
});

const signal = new AbortController().signal;
const leasesFile = () => join(stateRoot, 'ports', 'leases.json');
const leases = async (): Promise<PortLease[]> => JSON.parse(await readFile(leasesFile(), 'utf8')).leases;

async function owner(name: string): Promise<PortOwner> {
  const projectDir = join(directory, name);
  const stateDir = join(projectDir, '.devenv', name);
  await mkdir(stateDir, { recursive: true });
  return { id: `devenv-${name}-00000000`, name, projectDir, stateDir };
}

/** Port 0 = any; the port, or the errno when this machine has no such address. */
async function listen(options: ListenOptions): Promise<number | string> {
  const server = createServer();
  return new Promise((done) => {
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'));
    server.listen(options, () => {
      servers.push(server);
      done((server.address() as { port: number }).port);
    });
  });
}

const allocate = async (
  who: PortOwner,
  requests: Record<string, number>,
  options: Partial<PortOptions> = {},
) =>
  allocatePorts(
    Object.entries(requests).map(([name, preferred]) => ({ name, preferred })),
    { owner: who, signal, stateRoot, ...options },
  );

describe('the bind probe', () => {
  it.for<[string, ListenOptions]>([
    ['127.0.0.1', { host: '127.0.0.1' }],
    ['0.0.0.0', { host: '0.0.0.0' }],
    ['[::]', { host: '::' }],
    ['[::] for IPv6 only', { host: '::', ipv6Only: true }],
    ['[::1]', { host: '::1' }],
  ])('must see a server on %s', async ([name, options], context) => {
    const port = await listen({ ...options, port: 0 });
    if (typeof port === 'string') return context.skip(`this machine has no ${name}: ${port}`);
    expect(await probePort(port)).toBe('EADDRINUSE');
    await new Promise((done) => servers.pop()?.close(done));
    expect(await probePort(port)).toBe('free');
  });
});

describe('a choice', () => {
  it('must be the preferred ports where they are free, and lease them', async () => {
    const [nats, postgres] = [await freePort(), await freePort()];
    const choice = await allocate(await owner('a'), { nats, postgres });
    expect(choice).toEqual({ ports: { nats, postgres }, moved: [], notes: [] });
    expect((await leases()).map(({ name, port, environment }) => [name, port, environment])).toEqual([
      ['nats', nats, 'a'],
      ['postgres', postgres, 'a'],
    ]);
    expect((await stat(leasesFile())).mode & 0o777).toBe(0o600);
  });

  it.for(['127.0.0.1', '0.0.0.0', '::'])(
    'must move from a port bound on %s and name the holder',
    async (host, context) => {
      const nats = await listen({ port: 0, host });
      if (typeof nats === 'string') return context.skip(`this machine has no ${host}: ${nats}`);
      const { ports, moved } = await allocate(await owner('a'), { nats });
      expect(ports.nats).not.toBe(nats);
      expect(await probePort(ports.nats!)).toBe('free');
      expect(moved).toEqual([
        {
          name: 'nats',
          preferred: nats,
          port: ports.nats,
          holder: expect.stringContaining(`pid ${process.pid} (`),
        },
      ]);
    },
  );

  it('must name a container when the engine knows one, and survive an engine that fails', async () => {
    const nats = (await listen({ port: 0, host: '127.0.0.1' })) as number;
    const asked: number[] = [];
    const describeContainer = async (port: number) => {
      asked.push(port);
      return 'shop-nats-1';
    };
    const first = await allocate(await owner('a'), { nats }, { describeContainer });
    expect(first.moved[0]?.holder).toBe('container shop-nats-1');
    expect(asked).toEqual([nats]);
    const failing = await allocate(
      await owner('b'),
      { nats },
      { describeContainer: () => Promise.reject(new Error('x')) },
    );
    expect(failing.moved[0]?.holder).toContain(`pid ${process.pid}`);
  });

  it('must stay where it was, also when the preferred port is free again', async () => {
    const nats = (await listen({ port: 0, host: '127.0.0.1' })) as number;
    const a = await owner('a');
    const { ports } = await allocate(a, { nats });
    await new Promise((done) => servers.pop()?.close(done));
    expect(await allocate(a, { nats }, { sticky: ports })).toEqual({ ports, moved: [], notes: [] });
    expect((await allocate(a, { nats }, { sticky: ports, strict: true })).ports).toEqual({ nats });
  });

  it('must take a port that its own services are bound to for its own', async () => {
    const nats = (await listen({ port: 0, host: '127.0.0.1' })) as number;
    const options = { sticky: { nats }, ownPorts: new Set([nats]), strict: true };
    expect((await allocate(await owner('a'), { nats }, options)).ports).toEqual({ nats });
  });

  it('must name the environment that leases a port, though nothing is bound to it', async () => {
    const nats = await freePort();
    const a = await owner('a');
    await allocate(a, { nats });
    const { moved } = await allocate(await owner('b'), { nats });
    expect(moved[0]?.holder).toBe(`devenv environment a (${a.projectDir})`);
  });

  it('must give two requests for one port two ports', async () => {
    const port = await freePort();
    const { ports, moved } = await allocate(await owner('a'), { nats: port, constructor: port, any: 0 });
    expect(new Set(Object.values(ports)).size).toBe(3);
    expect(moved).toEqual([
      expect.objectContaining({ name: 'constructor', holder: 'the port "nats" of this environment' }),
    ]);
  });

  it('must leave out ports that turned out to be unusable', async () => {
    const nats = await freePort();
    const { ports } = await allocate(
      await owner('a'),
      { nats },
      { sticky: { nats }, avoid: new Set([nats]) },
    );
    expect(ports.nats).not.toBe(nats);
  });

  it('must fail when strict, naming port and holder, and change no lease', async () => {
    const nats = (await listen({ port: 0, host: '0.0.0.0' })) as number;
    const [postgres, api] = [await freePort(), await freePort()];
    const a = await owner('a');
    await allocate(a, { api });
    const before = await leases();
    await expect(allocate(a, { postgres, nats }, { strict: true })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      exit: 3,
      message: expect.stringMatching(new RegExp(`nats: port ${nats} is taken by pid ${process.pid} `)),
    });
    expect(await leases()).toEqual(before);
  });
});

describe('leases', () => {
  it('must end with release, with the project folder, and with the state folder of a dead process', async () => {
    const nats = await freePort();
    const [a, b, c] = [await owner('a'), await owner('b'), await owner('c')];
    const wins = async (who: PortOwner) => expect((await allocate(who, { nats })).ports).toEqual({ nats });
    await wins(a);
    await releasePorts(a.id, { signal, stateRoot });
    expect(await leases()).toEqual([]);
    await wins(b);
    await rm(b.projectDir, { recursive: true });
    await wins(c);
    await rm(c.stateDir, { recursive: true });
    // We took it and we live: the state folder may be still to come.
    expect((await allocate(a, { nats })).ports).not.toEqual({ nats });
    const dead = (await leases()).map((lease) => ({ ...lease, by: { ...lease.by, startedAt: 'gone' } }));
    await writeFile(leasesFile(), JSON.stringify({ version: 1, leases: dead }));
    await wins(a);
  });

  it.each(['', '{"leases": [', '[]', '{"version":1,"leases":[{"port":"x"}]}', '\0\0\0\0'])(
    'must be rebuilt, with a note, from a registry that holds %j',
    async (text) => {
      const nats = await freePort();
      await mkdir(join(stateRoot, 'ports'), { recursive: true });
      await writeFile(leasesFile(), text);
      const choice = await allocate(await owner('a'), { nats });
      expect(choice.ports).toEqual({ nats });
      expect(choice.notes).toEqual([expect.stringContaining('was damaged')]);
      expect(await leases()).toHaveLength(1);
    },
  );

  it('must say which folder cannot be written and how to name another one', async () => {
    await writeFile(stateRoot, 'a file');
    await expect(allocate(await owner('a'), { nats: 0 })).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
      hint: expect.stringContaining('DEVENV_STATE_HOME'),
    });
  });

  it('must keep twelve simultaneous environments apart before anything is bound', async () => {
    const [nats, postgres] = [await freePort(), await freePort()];
    const program = await bundleProgram(
      directory,
      'up',
      `
      import { allocatePorts } from './src/adapters/ports.ts';
      const [owner, requests, stateRoot] = process.argv.slice(2).map((text) => JSON.parse(text));
      const signal = new AbortController().signal;
      console.log(JSON.stringify(await allocatePorts(requests, { owner, signal, stateRoot })));
      `,
    );
    const requests = [
      { name: 'nats', preferred: nats },
      { name: 'postgres', preferred: postgres },
      { name: 'api', preferred: 0 },
    ];
    const owners = await Promise.all(Array.from({ length: 12 }, (_, n) => owner(`e${n}`)));
    const exits = await Promise.all(
      owners.map(
        (who) =>
          runProgram(process.execPath, [program, ...[who, requests, stateRoot].map((x) => JSON.stringify(x))])
            .exit,
      ),
    );
    expect(exits.map(({ stderr }) => stderr).join('')).toBe('');
    const choices = exits.map(({ stdout }) => JSON.parse(stdout) as PortChoice);
    const all = choices.flatMap(({ ports }) => Object.values(ports));
    expect(all).toHaveLength(36);
    expect(new Set(all).size).toBe(36);
    expect(all).toEqual(expect.arrayContaining([nats, postgres]));
    expect((await leases()).map(({ port }) => port).sort()).toEqual([...all].sort());
    // Everyone but the winner is told who has the preferred port.
    const holders = choices.flatMap(({ moved }) => moved.filter(({ name }) => name === 'nats'));
    expect(holders).toHaveLength(11);
    expect(new Set(holders.map(({ holder }) => holder)).size).toBe(1);
    expect(holders[0]?.holder).toMatch(/^devenv environment e\d+ \(/);
  });
});
