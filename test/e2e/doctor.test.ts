import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { leakCheck } from '../helpers/leaks.ts';
import { Sandbox } from '../helpers/sandbox.ts';

leakCheck();

describe('the doctor as it is installed', () => {
  it('looks at what runs, and finds nothing wrong with a fresh environment', async () => {
    await using sandbox = await Sandbox.create();
    expect((await sandbox.run(['doctor', '--live'])).status).toBe(2);
    expect(await sandbox.run(['up', '--runtime', 'process', '--no-probe'])).toMatchObject({ status: 0 });
    const { findings, checked } = await sandbox.json<DoctorReport>(['doctor']);
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(checked).toMatchObject({ live: true, machine: false });
    expect((await sandbox.json<DoctorReport>(['doctor', '--static'])).checked.live).toBe(false);
  });

  it('stops up and generate before anything is written', async () => {
    const streams =
      'streams:\n  - { name: A, subjects: [a.>], max_bytes: 1GiB }\n  - { name: B, subjects: [a.b], max_bytes: 9GiB }\n';
    await using sandbox = await Sandbox.create({
      'devenv.yaml': `${streams}services: {}\nconsumers: []\nentities: []\n`,
    });
    for (const args of [['up'], ['up', '--dry-run'], ['generate', '--out', 'out']]) {
      const { status, stderr } = await sandbox.run(args);
      expect(status, stderr).toBe(7);
      expect(stderr).toMatch(/devenv\.yaml:\d+:\d+: .*\(S01\)/);
      expect(stderr).toMatch(/devenv\.yaml:\d+:\d+: .*\(R01\)/);
      expect(stderr).toContain('over the limit by');
    }
  });

  it('names who holds a port before anything is started', async () => {
    await using sandbox = await Sandbox.create();
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port));
    });
    await sandbox.write('devenv.yaml', `ports: { nats: ${port} }\n`);
    try {
      const { stdout } = await sandbox.run(['doctor', '--rule', 'E01', '--json']);
      const { findings, checked } = JSON.parse(stdout) as DoctorReport;
      expect(checked.machine).toBe(true);
      expect(findings.map(({ cause }) => cause).join('\n')).toMatch(
        new RegExp(`${port}.*pid ${process.pid}`),
      );
    } finally {
      holder.close();
    }
  });
});
