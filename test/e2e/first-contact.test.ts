import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { UpResult } from '../../src/engine/engine.ts';
import { leakCheck } from '../helpers/leaks.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { dockerRuntime, onEachRuntime, withoutEngine } from './runtimes.ts';

leakCheck();

const exec = promisify(execFile);
onEachRuntime('a starter', ({ env }) => {
  it('`init` copies a project that comes up and passes its probes as it is', async () => {
    await using sandbox = await Sandbox.create({}, env);
    expect((await sandbox.run(['init'])).status).toBe(0);
    const again = await sandbox.run(['init']);
    expect(again.status).toBe(2);
    const { probes } = await sandbox.json<UpResult>(['up']);
    expect(probes.map(({ status }) => status)).toEqual(Array(5).fill('passed'));
  });
});

onEachRuntime("the user's own parts", ({ env }) => {
  it('SQL files are applied before the services start, and a service finds NATS and Postgres by its environment', async () => {
    const service = `
      const http = require('node:http');
      const seen = { nats: /^nats:\\/\\/.+@/.test(process.env.NATS_URL), postgres: /^postgresql:/.test(process.env.DATABASE_URL), own: process.env.OWN };
      http.createServer((_, answer) => answer.end(JSON.stringify(seen))).listen(process.env.PORT, process.env.HOST);`;
    const yaml = [
      'postgres: { sql: sql }',
      'streams: [{ name: ORDERS, subjects: [orders.>], max_bytes: 16MiB }]',
      'consumers: [{ stream: ORDERS, name: billing, filter_subjects: [orders.created] }]',
      'entities: []',
      'services:',
      '  shop: { command: node shop.js, port: 8095, health: /, environment: { OWN: "a $b \'c\'" } }',
      '',
    ].join('\n');
    const files = { 'devenv.yaml': yaml, 'shop.js': service, 'sql/001.sql': 'CREATE TABLE shop (id int);' };
    await using sandbox = await Sandbox.create(files, env);
    const { services } = await sandbox.json<UpResult>(['up', '--no-probe']);
    expect(services.map(({ service: name, health }) => [name, health.status])).toEqual([
      ['nats', 'ready'],
      ['postgres', 'ready'],
      ['shop', 'ready'],
    ]);
    const variables = await sandbox.json<Record<string, string>>(['env', '--format', 'json']);
    expect(await (await fetch(variables.SHOP_URL!)).json()).toEqual({
      nats: true,
      postgres: true,
      own: "a $b 'c'",
    });
    expect((await sandbox.json<UpResult>(['up', '--no-probe'])).steps).toEqual([]);
    await sandbox.write('sql/002.sql', 'ALTER TABLE shop ADD COLUMN name tex;');
    const broken = await sandbox.run(['up', '--no-probe']);
    expect(broken.stderr).toMatch(/002\.sql:1/);
    expect(broken.status).toBe(5);
  });
});

describe('a state folder that cannot be written', () => {
  it.for([
    ['full', 'size=16k', /no space left/],
    ['read-only', 'ro', /read-only/],
  ] as const)('%s: exit 3, the reason, nothing left running', async ([_kind, option, reason], context) => {
    const disk = await mkdtemp(join(tmpdir(), 'devenv-disk-'));
    try {
      await exec('mount', ['-t', 'tmpfs', '-o', option, 'tmpfs', disk]);
    } catch {
      await rm(disk, { recursive: true });
      return context.skip('mounting a small file system is not permitted here');
    }
    try {
      await using sandbox = await Sandbox.create({}, { DEVENV_RUNTIME: 'process' });
      await mkdir(join(sandbox.dir, '.devenv'));
      await exec('mount', ['--bind', disk, join(sandbox.dir, '.devenv')]);
      try {
        const { status, stderr } = await sandbox.run(['up', '--no-probe']);
        expect(stderr).toMatch(reason);
        expect(stderr).not.toContain('bug in devenv');
        expect(status).toBe(3);
      } finally {
        await exec('umount', [join(sandbox.dir, '.devenv')]);
      }
    } finally {
      await exec('umount', [disk]);
      await rm(disk, { recursive: true });
    }
  });
});

describe('docker that cannot be used', () => {
  const cases: [name: string, env: Record<string, string>, expected: RegExp][] = [
    ['no engine', { DOCKER_HOST: 'unix:///nonexistent/docker.sock' }, /docker/i],
    ['no Compose', { DOCKER_CONFIG: '/nonexistent', PATH: '/nonexistent' }, /compose|docker/i],
    [
      'an image that nobody has',
      { DEVENV_NATS_IMAGE: 'devenv-test/nobody-has-this:1' },
      /devenv-test\/nobody-has-this:1[\s\S]*DEVENV_NATS_IMAGE/,
    ],
  ];
  it.skipIf(withoutEngine).each(cases)(
    '%s: exit 3, what to do, nothing left',
    async (_name, env, expected) => {
      await using sandbox = await Sandbox.create({}, { ...dockerRuntime.env, ...env });
      const { status, stderr } = await sandbox.run(['up', '--runtime', 'docker', '--no-probe']);
      expect(stderr).toMatch(expected);
      expect(stderr).toMatch(/^hint: /m);
      expect(status).toBe(3);
    },
  );
});
