import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseNatsUrl, tryLogin } from '../../src/adapters/nats.ts';
import type { AuthReport, AuthUser, RotateResult, StatusReport, UpResult } from '../../src/engine/engine.ts';
import type { ProbeReport } from '../../src/probes/probe.ts';
import { leakCheck } from '../helpers/leaks.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { onEachRuntime } from './runtimes.ts';

leakCheck();

/** Two accounts, each kind of log-in, and a service of the project's own that logs in as a declared user. */
const PROJECT = `project: guarded
accounts:
  APP:
    users:
      reporting: { auth: nkey, observes: [MESSAGES], requests: [echo.ask], inbox_prefix: _INBOX_reporting }
      legacy: { auth: bcrypt, publishes: [notes.new] }
  BILLING:
    users:
      clerk: { publishes: [bills.new] }
streams:
  - { name: MESSAGES, subjects: [messages.ingest.>], max_bytes: 64MiB }
  - { name: MESSAGESDLQ, subjects: [messages.dlq.>], max_bytes: 32MiB }
  - { name: NOTES, subjects: [notes.new], max_bytes: 8MiB }
  - { name: BILLS, account: BILLING, subjects: [bills.>], max_bytes: 8MiB }
services:
  api: { builtin: api }
  worker: { builtin: worker, inbox_prefix: _INBOX_worker }
`;

onEachRuntime('the users of NATS', ({ env }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await Sandbox.create({ 'devenv.yaml': PROJECT }, env);
    const { probes } = await sandbox.json<UpResult>(['up']);
    expect(probes.map(({ status }) => status)).toEqual(Array(5).fill('passed'));
  });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  const variables = () => sandbox.json<Record<string, string>>(['env', '--format', 'json']);
  const opens = async (url: string | undefined): Promise<boolean> => {
    const options = { signal: AbortSignal.timeout(60_000), timeoutMs: 30_000 };
    return (await tryLogin(parseNatsUrl(url ?? ''), options)).accepted;
  };

  it('are listed with what each may do, and no secret', async () => {
    const users = await sandbox.json<AuthUser[]>(['auth', 'list']);
    expect(users.map(({ name, account, auth }) => [name, account, auth])).toEqual([
      ['devenv', 'APP', 'password'],
      ['devenv-BILLING', 'BILLING', 'password'],
      ['monitor', 'SYS', 'password'],
      ['reporting', 'APP', 'nkey'],
      ['legacy', 'APP', 'bcrypt'],
      ['clerk', 'BILLING', 'password'],
      ['api', 'APP', 'password'],
      ['worker', 'APP', 'password'],
    ]);
    const { NATS_URL } = await variables();
    expect(JSON.stringify(users)).not.toContain(new URL(NATS_URL!).password);
  });

  it('may do what is declared and no more', async () => {
    const report = await sandbox.json<AuthReport>(['auth', 'test']);
    expect(report.users).toHaveLength(8);
    expect(report.trials).toBeGreaterThan(150);
    const table = await sandbox.run(['auth', 'test', 'worker']);
    expect([table.status, table.stdout]).toEqual([
      0,
      expect.stringMatching(/^worker +APP +accepted +refused +(\d+)\/\1 +(\d+)\/\2$/m),
    ]);
  });

  it('have new credentials after rotate, with which everything goes on, and the old ones are refused', async () => {
    const before = await variables();
    const one = await sandbox.json<RotateResult>(['auth', 'rotate', 'worker']);
    expect(one.users).toEqual(['worker']);
    expect(one.servers).toMatchObject([{ service: 'nats', how: 'reloaded' }]);
    expect(await opens(before.NATS_URL)).toBe(true);
    const all = await sandbox.json<RotateResult>(['auth', 'rotate']);
    expect(all.users).toHaveLength(8);
    expect(all.services.map(({ health }) => health.status)).toEqual(Array(4).fill('ready'));
    // Services that knocked with the old credentials before they were replaced are no clients that still have them.
    const doctor = await sandbox.run(['doctor', '--live', '--rule', 'A01']);
    expect(doctor.stdout).toContain('no findings');
    const after = await variables();
    for (const name of ['NATS_URL', 'NATS_URL_BILLING', 'NATS_SYSTEM_URL']) {
      expect([name, await opens(before[name]), await opens(after[name])]).toEqual([name, false, true]);
    }
    expect((await sandbox.json<AuthReport>(['auth', 'test'])).differences).toBe(0);
    const [flow] = await sandbox.json<ProbeReport[]>(['probe', 'flow']);
    expect(flow?.status).toBe('passed');
    expect((await sandbox.json<UpResult>(['up'])).steps).toEqual([]);
  });

  it('a nats.conf that is edited by hand is named by the doctor, and put right without a restart', async () => {
    const { name } = await sandbox.json<StatusReport>(['status']);
    const path = join(sandbox.dir, '.devenv', name, 'nats.conf');
    const declared = await readFile(path, 'utf8');
    // Into the same file: one put in its place is not seen inside a container, and takes a restart.
    await writeFile(path, declared.replace(/max_payload: \d+/, 'max_payload: 2048'));
    const doctor = await sandbox.run(['doctor', '--live', '--rule', 'E20']);
    expect(doctor.stderr + doctor.stdout).toContain('nats.conf is not as declared: max_payload');
    const result = await sandbox.json<UpResult>(['up', '--no-probe']);
    expect(result.configured).toMatchObject([{ service: 'nats', how: 'reloaded' }]);
    expect(await readFile(path, 'utf8')).toBe(declared);
    expect((await sandbox.json<UpResult>(['up'])).steps).toEqual([]);
  });
});
