import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { natsServers } from '../../../helpers/nats-servers.ts';
import { someAccount, someNats } from '../../../helpers/topology.ts';
import { found, Stand, smallTopology, until } from './stand.ts';

const servers = await natsServers();
const MIB = 1024 ** 2;
const seriesOf = (version: string): number => Number(version.split('.')[1]);

/** A disk of a few MiB under the store, which only root, or a user who may have namespaces, can make. */
const smallDisk = [
  'unshare',
  '-rm',
  'sh',
  '-c',
  'mount -t tmpfs -o size=3m tmpfs "$0" && exec "$@"',
  'STORE',
];
const canMount = ((): boolean => {
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /mnt'], { stdio: 'pipe' });
    return true;
  } catch (error) {
    process.stderr.write(
      `E12 on a full disk is skipped, no namespaces here: ${String(error).split('\n')[0]}\n`,
    );
    return false;
  }
})();

describe.each(servers)('nats-server $version', (binary) => {
  const series = seriesOf(binary.version);

  it('E06: max_file_store is made smaller than what an old volume reserves', async () => {
    const sized = (maxFileStore: number) => ({ nats: { ...someNats, maxMemoryStore: MIB, maxFileStore } });
    await using stand = await Stand.start(binary, smallTopology(sized(64 * MIB)));
    const { manager, client } = await stand.jetstream();
    for (const name of ['A', 'B'])
      await manager.streams.add({ name, subjects: [`${name}.>`], max_bytes: 30 * MIB });
    await client.publish('B.x', 'kept');
    expect(await stand.findings('E06')).toEqual([]);
    await stand.stop('nats', 'SIGINT');
    stand.declare(sized(32 * MIB));
    await stand.startServers();
    await stand.client();
    const finding = await found(
      () => stand.findings('E06'),
      ({ rule }) => rule === 'E06',
    );
    if (series <= 10) {
      expect(finding.cause).toContain('B of account $G, but the server does not know the stream');
      expect(finding.symptom).toContain(
        'Error recreating stream "B": insufficient storage resources available (10047)',
      );
    } else {
      expect(finding.cause).toContain('reserve 60MiB, and its max_file_store is 32MiB');
    }
    await stand.stop('nats', 'SIGINT');
    stand.declare(sized(64 * MIB));
    await stand.startServers();
    const again = await stand.jetstream();
    expect(await stand.findings('E06')).toEqual([]);
    expect((await again.manager.streams.info('B')).state.messages).toBe(1);
  });

  it('E07: accounts are declared later, and what the server had before is out of sight', async () => {
    await using stand = await Stand.start(binary, smallTopology());
    const { manager } = await stand.jetstream();
    await manager.streams.add({ name: 'OLD', subjects: ['old.>'], max_bytes: MIB });
    expect(await stand.findings('E07')).toEqual([]);
    await stand.stop('nats', 'SIGINT');
    stand.declare({ accounts: [someAccount('APP')] });
    await stand.startServers();
    await stand.client();
    const [finding, ...others] = await stand.findings('E07');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      place: { object: 'account $G' },
      cause: expect.stringContaining('holds OLD of account $G, and only APP has JetStream'),
    });
    // 2.9 says nothing of it.
    if (series >= 10) expect(finding?.symptom).toBe("JetStream stream '$G > OLD' could not be recovered");
  });

  it('E09: /healthz says 200 without JetStream', async () => {
    await using stand = await Stand.start(binary, smallTopology(), {
      changed: (conf) => conf.replace(/^jetstream \{[\s\S]*?^\}/m, ''),
    });
    await stand.client();
    expect(await stand.findings('E09')).toMatchObject([
      { cause: 'JetStream is off on nats, and /healthz answers 200 all the same.' },
    ]);
  });

  it('R05: the store is full, by a stream without max_bytes', async () => {
    await using stand = await Stand.start(
      binary,
      smallTopology({ nats: { ...someNats, maxFileStore: 2 * MIB } }),
    );
    const { manager, client } = await stand.jetstream();
    await manager.streams.add({ name: 'A', subjects: ['a.>'] });
    const body = new Uint8Array(100 * 1024);
    await client.publish('a.x', body);
    expect(await stand.findings('R05')).toEqual([]);
    const refused = (async () => {
      for (let sent = 0; sent < 40; sent += 1) await client.publish('a.x', body);
    })();
    await expect(refused).rejects.toMatchObject({ code: 10023 });
    expect(await stand.findings('R05')).toMatchObject([
      { severity: 'error', fix: expect.stringContaining('Give A a max_bytes') },
    ]);
  });

  it.skipIf(!canMount)('E12: the disk is full, whatever the server makes of it', async () => {
    await using stand = await Stand.start(binary, smallTopology(), { before: smallDisk });
    const { manager, client } = await stand.jetstream();
    await manager.streams.add({ name: 'A', subjects: ['a.>'], max_bytes: 32 * MIB });
    const body = new Uint8Array(100 * 1024);
    const stopped = (async () => {
      for (let sent = 0; sent < 60; sent += 1) await client.publish('a.x', body, { timeout: 2_000 });
    })();
    await expect(stopped).rejects.toThrow();
    const started = performance.now();
    const facts = await stand.look(1_500);
    expect(performance.now() - started).toBeLessThan(30_000);
    const [server] = facts.servers;
    if (series <= 9) {
      // Nothing in its log, /healthz is fine, /jsz waits for ever; and the mount is in the server's own namespace.
      expect(server?.healthz).toMatchObject({ ok: true, value: { status: 200 } });
      expect(server?.jsz).toEqual({ ok: false, reason: '/jsz: no answer within 1500 ms' });
      expect(facts.accounts[0]?.streams.ok).toBe(false);
    } else {
      const finding = await found(
        () => stand.findings('E12'),
        ({ severity }) => severity === 'error',
      );
      expect(finding.symptom).toContain('no space left on device');
    }
  });

  const three = () =>
    smallTopology({ nats: { ...someNats, servers: 3, maxMemoryStore: 16 * MIB, maxFileStore: 64 * MIB } });

  // Together: most of what each cluster takes is waiting for an election.
  it.concurrent('E10: a server of a cluster tells clients an address that leads nowhere', async () => {
    // TEST-NET-1: never routed.
    const advertising = (conf: string) =>
      `client_advertise: "192.0.2.1:4222"\n${conf.replace(/^\s*no_advertise: true$/m, '')}`;
    await using stand = await Stand.start(binary, three(), { changed: advertising });
    // They tell what they know of each other once their routes are there.
    const finding = await found(
      () => stand.findings('E10'),
      ({ rule }) => rule === 'E10',
    );
    expect(finding).toMatchObject({
      severity: 'error',
      cause: expect.stringContaining('192.0.2.1:4222, which cannot be reached'),
    });
  });

  it.concurrent('E10: as devenv renders it, nobody is told anything', async () => {
    await using stand = await Stand.start(binary, three());
    const { manager } = await stand.jetstream();
    // JetStream answers, so the routes are there.
    await until(() => manager.getAccountInfo());
    expect(await stand.findings('E10')).toEqual([]);
  });

  it.concurrent('C18: two of three servers are gone, although the third still calls itself the leader', async () => {
    await using stand = await Stand.start(binary, three());
    const { manager } = await stand.jetstream();
    await until(async () => {
      await manager.getAccountInfo();
      expect(await stand.findings('C18')).toEqual([]);
    });
    await stand.stop('nats-3');
    expect(await stand.findings('C18')).toMatchObject([
      { severity: 'warning', place: { object: 'server nats-3' } },
    ]);
    await stand.stop('nats-2');
    const facts = await stand.look();
    expect(facts.servers.map(({ varz }) => varz.ok)).toEqual([true, false, false]);
    expect(await stand.findings('C18')).toMatchObject([
      { severity: 'error', cause: expect.stringContaining('1 of 3 servers answers and 2 are needed') },
    ]);
  });

  it.concurrent('C17: a server whose cluster is called otherwise is refused', async () => {
    await using stand = await Stand.start(binary, three(), { only: ['nats-1'] });
    await stand.startServers({
      only: ['nats-2'],
      changed: (conf) => conf.replace(/(cluster \{[\s\S]*?name: )"[^"]*"/, '$1"other"'),
    });
    const finding = await found(
      () => stand.findings('C17'),
      ({ rule }) => rule === 'C17',
    );
    expect(finding.symptom).toMatch(/^Rejecting connection, cluster name "[^"]+" does not match "[^"]+"$/);
  });
});
