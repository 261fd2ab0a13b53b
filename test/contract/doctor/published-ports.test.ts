import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/doctor/finding.ts';
import { placeText } from '../../../src/doctor/run.ts';
import { doctorDesk } from '../../../src/world/doctor-desk.ts';
import { dockerOrSkip } from '../../helpers/docker-engine.ts';
import { freePorts } from '../../helpers/free-ports.ts';

const engine = await dockerOrSkip();
const run = promisify(execFile);

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'devenv-published-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** What the doctor says of the ports of compose.yaml in a folder. */
async function findingsIn(folder: string, live: 'no' | 'when-running' = 'when-running'): Promise<Finding[]> {
  const desk = doctorDesk({ cwd: folder, env: {}, look: async () => null });
  const request = {
    confs: [],
    composes: ['compose.yaml'],
    manifests: [],
    rules: ['E01', 'E02'],
    static: true,
    live,
  };
  const { report } = await desk.examine(request, { signal: new AbortController().signal });
  return [...report.findings];
}

const said = (findings: readonly Finding[]): string[] =>
  findings.map(({ rule, place, cause }) => `${rule} ${placeText(place)} ${cause}`);

describe('ports that a Compose file publishes', () => {
  const servers: Server[] = [];
  const listen = (port: number) =>
    new Promise<void>((done) => {
      servers.push(createServer().listen(port, '127.0.0.1', done));
    });
  afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done)))));

  it('are told with who holds them, each at its place, when the machine is looked at', async () => {
    const [api, monitor, free, udp, asked] = (await freePorts(5)) as [number, number, number, number, number];
    for (const port of [api, monitor, udp, asked]) await listen(port);
    await writeFile(
      join(cwd, 'compose.yaml'),
      `services:
  api:
    image: app
    ports: ["${api}:80", "${free}:81", "${udp}:82/udp", "8080"]
  nats:
    image: nats:2.10-alpine
    command: -m 8222
    ports:
      - { target: 8222, published: "${monitor}" }
  debugger:
    image: app
    profiles: [debug]
    ports: ["${asked}:80"]
`,
    );
    const findings = await findingsIn(cwd);
    expect(said(findings)).toEqual([
      expect.stringMatching(
        `^E01 compose.yaml:4:13 Port ${api}, which api .* is held by pid ${process.pid} \\(`,
      ),
      expect.stringMatching(
        `^E02 compose.yaml:9:9 Port ${monitor}, on which nats .* is held by pid ${process.pid} \\(`,
      ),
    ]);
    expect(findings.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
    expect(await findingsIn(cwd, 'no')).toEqual([]);
  });
});

describe.skipIf(!engine)('a container', () => {
  it('of the same Compose project may hold its port; to another project it is named', async () => {
    const [port] = (await freePorts(1)) as [number];
    await writeFile(
      join(cwd, 'compose.yaml'),
      `services:\n  nats:\n    image: ${engine!.images.nats}\n    ports: ["127.0.0.1:${port}:4222"]\n`,
    );
    const other = await mkdtemp(join(tmpdir(), 'devenv-published-other-'));
    const project = basename(cwd).toLowerCase();
    const compose = (...args: string[]) => run('docker', ['compose', '-p', project, ...args], { cwd });
    try {
      await cp(join(cwd, 'compose.yaml'), join(other, 'compose.yaml'));
      await compose('up', '--detach', '--wait');
      expect(await findingsIn(cwd)).toEqual([]);
      expect(said(await findingsIn(other))).toEqual([
        `E01 compose.yaml:4:13 Port ${port}, which nats is to be published on, is held by container ${project}-nats-1.`,
      ]);
    } finally {
      await compose('down', '--volumes', '--timeout', '1');
      await rm(other, { recursive: true, force: true });
    }
  });
});
