import { describe, expect, it } from 'vitest';
import { countPools, DEFAULT_POOLS } from '../../../src/world/live-facts-networks.ts';
import { isSameCommand } from '../../../src/world/live-facts-ports.ts';
import { eachOf } from '../../../src/world/live-facts-reading.ts';
import { storeFromListing } from '../../../src/world/live-facts-store.ts';

describe('address pools of the engine', () => {
  it('are 31 when nothing else is said', () => {
    expect(countPools(DEFAULT_POOLS, [])).toEqual({ total: 31, free: 31 });
  });

  it('are taken by networks, by addresses of the machine, and by larger networks that hold several', () => {
    expect(countPools(DEFAULT_POOLS, ['172.17.0.0/16', '172.17.0.1/16'])).toEqual({ total: 31, free: 30 });
    expect(countPools(DEFAULT_POOLS, ['192.168.17.5/24'])).toEqual({ total: 31, free: 30 });
    expect(countPools(DEFAULT_POOLS, ['192.168.0.0/16'])).toEqual({ total: 31, free: 15 });
    expect(countPools(DEFAULT_POOLS, ['172.16.0.0/12'])).toEqual({ total: 31, free: 16 });
    expect(countPools(DEFAULT_POOLS, ['10.0.0.0/8', 'fd00::/64', 'garbage'])).toEqual({
      total: 31,
      free: 31,
    });
  });

  it('are those that the engine was told', () => {
    const pools = [{ Base: '10.10.0.0/22', Size: 24 }];
    expect(countPools(pools, ['10.10.1.0/24', '10.10.3.0/25'])).toEqual({ total: 4, free: 2 });
    expect(countPools([{ Base: 'fd00::/48', Size: 64 }], [])).toEqual({ total: 0, free: 0 });
  });
});

describe('a command as the system shows it', () => {
  it.each<[string, string[], boolean]>([
    ['node server.js --port 1', ['node', 'server.js', '--port', '1'], true],
    ['/usr/bin/node server.js', ['node', 'server.js'], true],
    [`/usr/bin/node -e ${'x'.repeat(170)}…`, ['node', '-e', 'x'.repeat(400)], true],
    ['node -e a b', ['node', '-e', 'a\n  b'], true],
    ['node other.js', ['node', 'server.js'], false],
    ['python server.js', ['node', 'server.js'], false],
    ['node server.js --watch', ['node', 'server.js'], false],
    ['./api', ['./api'], true],
    ['', [], true],
  ])('%s is %j: %s', (shown, command, expected) => {
    expect(isSameCommand(shown, command)).toBe(expected);
  });
});

describe('the listing of a store in a container', () => {
  it('is folders of streams and the space of the disk', () => {
    const text = [
      '/data/jetstream/$G/streams/ORDERS/',
      '/data/jetstream/A B/streams/x.y/',
      'Filesystem           1024-blocks    Used Available Capacity Mounted on',
      'overlay              263174212  25600000 224123456  10% /data',
      '',
    ].join('\r\n');
    expect(storeFromListing(text)).toEqual({
      stored: { ok: true, value: ['$G/ORDERS', 'A B/x.y'] },
      disk: { ok: true, value: { free: 224_123_456 * 1024, total: 263_174_212 * 1024 } },
    });
  });

  it('breaks the line after a long name, or holds nothing of use', () => {
    const broken =
      '/dev/mapper/a-very-long-name-of-a-volume\n                       1000       10       990   1% /data\n';
    expect(storeFromListing(broken).disk).toEqual({
      ok: true,
      value: { free: 990 * 1024, total: 1000 * 1024 },
    });
    expect(storeFromListing('df: not found')).toEqual({
      stored: { ok: true, value: [] },
      disk: { ok: false, reason: 'df says something else' },
    });
  });
});

describe('a few at a time', () => {
  it('keeps the order and never has more than so many under way', async () => {
    let under = 0;
    let most = 0;
    const results = await eachOf([30, 5, 20, 1, 10], 2, async (ms) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((done) => setTimeout(done, ms));
      under -= 1;
      return ms;
    });
    expect(results).toEqual([30, 5, 20, 1, 10]);
    expect(most).toBe(2);
    expect(await eachOf([], 3, async () => 1)).toEqual([]);
  });
});
