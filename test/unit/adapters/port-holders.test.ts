import { describe, expect, it } from 'vitest';
import { parseLeases } from '../../../src/adapters/leases.ts';
import { describeListener } from '../../../src/adapters/port-holders.ts';

describe('describeListener', () => {
  it('names pid, command and folder', () => {
    expect(describeListener({ pid: 12, command: 'node server.js', cwd: '/home/a/shop' })).toBe(
      'pid 12 (node server.js) in /home/a/shop',
    );
    expect(describeListener({ pid: 12, command: 'nginx', cwd: '/' })).toBe('pid 12 (nginx)');
    expect(describeListener({ pid: null, command: 'a process of user 33' })).toBe('a process of user 33');
  });

  it('names the container behind docker-proxy', () => {
    const command =
      '/usr/bin/docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 4222 -container-ip 172.18.0.2 -container-port 4222';
    expect(describeListener({ pid: 99, command, cwd: '/' })).toBe(
      'a container at 172.18.0.2:4222 (docker-proxy, pid 99)',
    );
  });
});

describe('parseLeases', () => {
  const lease = {
    port: 4222,
    name: 'nats',
    owner: 'devenv-a-1',
    environment: 'a',
    projectDir: '/a',
    stateDir: '/a/.devenv/a',
    by: { pid: 1, startedAt: 'x' },
    since: '2025-11-13T00:00:00.000Z',
  };
  const text = (leases: unknown) => JSON.stringify({ version: 1, leases });

  it('keeps what is a lease and marks what is not', () => {
    const broken = [
      null,
      7,
      {},
      { ...lease, port: '4222' },
      { ...lease, port: 70_000 },
      { ...lease, by: {} },
    ];
    expect(parseLeases(text([lease, ...broken, { ...lease, owner: 5 }]))).toEqual([
      lease,
      ...broken.map(() => null),
      null,
    ]);
  });

  it.each(['', '{', '[]', 'null', '{"leases": {}}', '\0\0'])('takes %j for no registry', (damaged) => {
    expect(parseLeases(damaged)).toBeNull();
  });
});
