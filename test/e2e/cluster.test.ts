import { readFile } from 'node:fs/promises';
import { connect } from '@nats-io/transport-node';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DownResult, StatusReport, UpResult } from '../../src/engine/engine.ts';
import type { ProbeReport } from '../../src/probes/probe.ts';
import { leakCheck } from '../helpers/leaks.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { onEachRuntime } from './runtimes.ts';

leakCheck();

/** Two accounts, every kind of log-in, three servers that ask their clients for certificates. */
const PROJECT = `
nats:
  servers: 3
  tls: { verify_clients: true }
accounts:
  APP:
    users:
      reporting: { auth: nkey, observes: [MESSAGES] }
      dashboard: { auth: bcrypt, subscribes: ["chat.*.typing"] }
  AUDIT:
    users:
      auditor: { publishes: ["audit.>"] }
streams:
  - { name: MESSAGES, account: APP, subjects: ["messages.ingest.>"], max_bytes: 256MiB }
  - { name: MESSAGESDLQ, account: APP, subjects: ["messages.dlq.>"], max_bytes: 64MiB }
  - { name: AUDIT, account: AUDIT, subjects: ["audit.>"], max_bytes: 64MiB }
`;
const SERVERS = ['nats-1', 'nats-2', 'nats-3'];

onEachRuntime('three servers with TLS and accounts', ({ kind, env }) => {
  let sandbox: Sandbox;
  let first: UpResult;

  beforeAll(async () => {
    sandbox = await Sandbox.create({ 'devenv.yaml': PROJECT }, env);
    first = await sandbox.json<UpResult>(['up']);
  });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  const variables = () => sandbox.json<Record<string, string>>(['env', '--format', 'json']);

  it('come up ready, and messages flow', () => {
    expect(first.runtime).toBe(kind);
    expect(first.services.map(({ service, health }) => [service, health.status])).toEqual(
      [...SERVERS, 'postgres', 'api', 'worker'].map((service) => [service, 'ready']),
    );
    expect(first.probes.map(({ status }) => status)).toEqual(first.probes.map(() => 'passed'));
    expect(first.probes.length).toBeGreaterThan(3);
  });

  it('up again is a no-op', async () => {
    expect((await sandbox.json<UpResult>(['up'])).steps).toEqual([]);
  });

  it('`env` is all that another program needs to connect', async () => {
    const { NATS_URL, NATS_CA, NATS_CERT, NATS_KEY } = await variables();
    const servers = NATS_URL!.split(',');
    expect(servers).toHaveLength(3);
    for (const server of servers) {
      const { hostname, port, username, password } = new URL(server);
      const login = { servers: `${hostname}:${port}`, user: username, pass: password, reconnect: false };
      const [ca, cert, key] = await Promise.all(
        [NATS_CA, NATS_CERT, NATS_KEY].map((path) => readFile(path!, 'utf8')),
      );
      const connection = await connect({ ...login, tls: { ca: ca!, cert: cert!, key: key! } });
      // Addresses that only servers know are not handed to clients.
      expect(connection.info?.connect_urls ?? []).toEqual([]);
      await connection.close();
      await expect(connect({ ...login, tls: { ca: ca! } })).rejects.toThrow();
    }
  });

  it('every user may do what is declared, and nothing else', async () => {
    const { status, stdout, stderr } = await sandbox.run(['auth', 'test']);
    expect(`${status} ${stderr} ${stdout}`).toMatch(/^0 /);
  });

  it('the death of the server that leads loses nothing and doubles nothing', async () => {
    const [report] = await sandbox.json<ProbeReport[]>(['probe', 'failover']);
    expect(report).toMatchObject({ probe: 'failover', status: 'passed' });
    expect(report?.measured).toMatch(/^nats-\d was killed; .*accepted again after \d+\.\d\d s/);
  });

  it('one server can be looked at and restarted by its name', async () => {
    const rows = await sandbox.json<{ service: string; state: string }[]>(['restart', 'nats-2']);
    expect(rows.find(({ service }) => service === 'nats-2')).toMatchObject({ state: 'running' });
    const logs = await sandbox.run(['logs', 'nats-2', '--tail', '5']);
    expect(logs.stdout).toContain('nats-2');
    const status = await sandbox.json<StatusReport>(['status']);
    expect(status.services.filter(({ health }) => health.status !== 'ready')).toEqual([]);
    const audit = await sandbox.run(['logs', 'nats-9']);
    expect(audit.status).toBe(2);
  });

  it('a server that hangs is named, and `up` starts it again', async () => {
    const rowOf = ({ services }: Pick<StatusReport, 'services'>) =>
      services.find(({ service }) => service === 'nats-2')!;
    const { pid, container } = rowOf(await sandbox.json<StatusReport>(['status']));
    if (kind === 'docker') await execa('docker', ['pause', container!]);
    else process.kill(pid!, 'SIGSTOP');
    expect(rowOf(await sandbox.json<StatusReport>(['status'])).health.status).not.toBe('ready');
    const doctor = await sandbox.run(['doctor', '--live']);
    expect(doctor.stdout).toContain('nats-2 does not answer');
    const { steps, services } = await sandbox.json<UpResult>(['up', '--no-probe']);
    expect(steps.map(({ title }) => title).join()).toContain('nats-2');
    expect(services.filter(({ health }) => health.status !== 'ready')).toEqual([]);
  });

  it('down keeps the data, and the cluster comes back with it', async () => {
    await sandbox.json<DownResult>(['down']);
    const again = await sandbox.json<UpResult>(['up']);
    const applied = again.steps.find(({ id }) => id.startsWith('topology'));
    expect(applied).toBeDefined();
    expect(again.probes.map(({ status }) => status)).toEqual(again.probes.map(() => 'passed'));
  });

  it('down --volumes leaves nothing', async () => {
    const { removed } = await sandbox.json<DownResult>(['down', '--volumes']);
    for (const server of SERVERS) expect(removed.join('\n')).toContain(server);
    expect(await sandbox.json<StatusReport>(['status'])).toMatchObject({ running: false });
  });
});
