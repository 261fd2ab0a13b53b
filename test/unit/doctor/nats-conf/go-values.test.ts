import { describe, expect, it } from 'vitest';
import { addressProblem, isUrl } from '../../../../src/doctor/nats-conf/go-addresses.ts';
import { goDuration, shownDuration } from '../../../../src/doctor/nats-conf/go-durations.ts';
import { isPublicKey, isUserSeed } from '../../../../src/doctor/nats-conf/nkeys.ts';
import { transformProblem } from '../../../../src/doctor/nats-conf/transforms.ts';
import { isAtLeast } from '../../../../src/doctor/nats-conf/versions.ts';

describe('durations', () => {
  it.each([
    ['2s', 2_000_000_000n, '2s'],
    ['1m30s', 90_000_000_000n, '1m30s'],
    ['1.5h', 5_400_000_000_000n, '1h30m0s'],
    ['250ms', 250_000_000n, '250ms'],
    ['-1s', -1_000_000_000n, '-1s'],
    ['29.999s', 29_999_000_000n, '29.999s'],
    ['0', 0n, '0s'],
    ['.5s', 500_000_000n, '500ms'],
    ['1µs', 1_000n, '1µs'],
  ])('%s', (text, nanoseconds, shown) => {
    expect(goDuration(text)).toEqual({ nanoseconds });
    expect(shownDuration(nanoseconds)).toBe(shown);
  });

  it.each(['', '10', 's', '.s', '1 s', '1d', '1s5', '99999999999h', '+', '1.2.3s'])('%j is none', (text) => {
    expect(goDuration(text)).toHaveProperty('error');
  });
});

describe('addresses', () => {
  it.each(['127.0.0.1:4222', ':4222', 'host:-1', '[::1]:80', 'a b:1'])('%s', (text) => {
    expect(addressProblem(text)).toBeNull();
  });

  it.each(['host', '::1:80', '[::1]', '[::1]x:1', 'h:', 'h:port', ''])('%j is none', (text) => {
    expect(addressProblem(text)).not.toBeNull();
  });

  it.each([
    ['nats://u:p@host:4222', true],
    ['host', true],
    ['nats://[::1]:4222', true],
    ['nats://[::1', false],
    ['nats://h:port', false],
    [':4222', false],
    ['host:4222', true],
    ['1host:4222', false],
    ['nats://a b', false],
    ['%zz', false],
    ['a\nb', false],
  ])('%j as a URL: %s', (text, expected) => {
    expect(isUrl(text)).toBe(expected);
  });
});

describe('nkeys', () => {
  const user = 'UA6KOMQ67XOE3FHE37W4OXADVXVYISBNLTBUT2LSY5VFKAIJ7CRDR2RZ';

  it('are told apart by kind and checksum', () => {
    expect(isPublicKey(user, 'user')).toBe(true);
    expect(isPublicKey(user, 'account')).toBe(false);
    expect(isPublicKey(`${user.slice(0, -1)}A`, 'user')).toBe(false);
    expect(isPublicKey(user.toLowerCase(), 'user')).toBe(false);
    expect(isPublicKey('', 'user')).toBe(false);
    expect(isUserSeed(user)).toBe(false);
  });
});

describe('subject transforms', () => {
  const problem = (source: string, destination: string, version = '2.15.1') =>
    transformProblem(source, destination, { strict: false, version });

  it.each([
    ['foo.*', 'bar.$1'],
    ['foo.*.*', 'bar.{{wildcard(2)}}.$1'],
    ['foo.>', 'bar.>'],
    ['foo', 'bar'],
    ['foo.*', 'bar.{{partition(3,1)}}'],
  ])('%s → %s', (source, destination) => {
    expect(problem(source, destination)).toBeNull();
  });

  it.each([
    ['foo.*', 'bar.$2'],
    ['foo.>', 'bar'],
    ['foo.*', 'bar.*'],
    ['foo', 'bar.$1'],
    ['foo.*', 'bar.{{nothing(1)}}'],
    ['foo.*', 'bar..x'],
  ])('not %s → %s', (source, destination) => {
    expect(problem(source, destination)).not.toBeNull();
  });

  it('has to use every wildcard before 2.10', () => {
    expect(problem('a.*.*', 'b.$1')).toBeNull();
    expect(problem('a.*.*', 'b.$1', '2.9.10')).toContain('not using all');
  });
});

describe('versions', () => {
  it.each([
    ['2.10.27', '2.10.0', true],
    ['2.9.10', '2.10.0', false],
    ['v2.12.0-alpine', '2.12.0', true],
    ['2.10', '2.10.1', false],
    ['latest', '2.99.0', true],
  ])('%s is at least %s: %s', (version, least, expected) => {
    expect(isAtLeast(version, least)).toBe(expected);
  });
});
