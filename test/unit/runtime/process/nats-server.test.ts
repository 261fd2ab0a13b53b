import { describe, expect, test } from 'vitest';
import { aptOptions, siteIn } from '../../../../src/runtime/process/nats-server/debian.ts';
import {
  assetIn,
  releaseFile,
  releasePlatform,
} from '../../../../src/runtime/process/nats-server/release.ts';
import {
  compareVersions,
  isTooOld,
  parseVersion,
} from '../../../../src/runtime/process/nats-server/version.ts';

describe('versions', () => {
  test.each([
    ['nats-server: v2.10.27\n', '2.10.27'],
    ['nats-server: v2.12.0-RC.1', '2.12.0'],
    ['nats-server version 2.9', undefined],
    ['GNU bash, version 5.2.15', undefined],
    ['', undefined],
  ])('%j is %s', (text, version) => expect(parseVersion(text)).toBe(version));

  test('are compared by number', () => {
    expect(['2.9.10', '2.10.0', '2.15.1', '2.2.30'].sort(compareVersions)).toEqual([
      '2.2.30',
      '2.9.10',
      '2.10.0',
      '2.15.1',
    ]);
    expect(isTooOld('2.9.25')).toBe(true);
    expect(isTooOld('2.10.0')).toBe(false);
  });
});

describe('an upstream release', () => {
  test.each([
    ['linux', 'x64', 'linux-amd64'],
    ['linux', 'arm64', 'linux-arm64'],
    ['darwin', 'arm64', 'darwin-arm64'],
    ['darwin', 'x64', 'darwin-amd64'],
    ['win32', 'x64', undefined],
    ['linux', 'ia32', undefined],
  ] as const)('for %s %s is called %s', (platform, arch, name) =>
    expect(releasePlatform(platform, arch)).toBe(name),
  );

  const a = 'a'.repeat(64);
  const b = 'B'.repeat(64);
  test('is the tar.gz of that platform, else the zip', () => {
    const sums = `${a}  nats-server-v2.15.1-linux-amd64.zip\n${b} *nats-server-v2.15.1-linux-amd64.tar.gz\n${a}  nats-server-v2.15.1-darwin-arm64.zip\n`;
    expect(assetIn(sums, '2.15.1', 'linux-amd64')).toEqual({
      file: 'nats-server-v2.15.1-linux-amd64.tar.gz',
      sha256: b.toLowerCase(),
    });
    expect(assetIn(sums, '2.15.1', 'darwin-arm64')?.file).toBe('nats-server-v2.15.1-darwin-arm64.zip');
    expect(assetIn(sums, '2.15.0', 'linux-amd64')).toBeUndefined();
  });

  test('a line that is not a checksum is none', () => {
    expect(
      assetIn('<html>\nabc  nats-server-v2.15.1-linux-amd64.zip', '2.15.1', 'linux-amd64'),
    ).toBeUndefined();
  });

  test('a mirror may end with a slash', () => {
    expect(releaseFile('http://m/x//', '2.15.1', 'SHA256SUMS')).toBe(
      'http://m/x/download/v2.15.1/SHA256SUMS',
    );
  });
});

describe('the Debian archive', () => {
  test('is the main one among the sites', () => {
    expect(
      siteIn('http://a.example/debian-security\nhttps://a.example/debian/\nhttps://a.example/debian\n'),
    ).toBe('https://a.example/debian');
    expect(siteIn('http://a.example/ubuntu\n')).toBeUndefined();
    expect(siteIn('')).toBeUndefined();
  });

  test('apt writes nowhere but into the folder it is given', () => {
    const options = aptOptions('/work').filter((option) => option !== '-o');
    for (const name of ['Dir::State::lists', 'Dir::Cache', 'Dir::Etc::sourcelist'])
      expect(options.find((option) => option.startsWith(`${name}=`))).toMatch(/=\/work\//);
    expect(options).toContain('Dir::Etc::sourceparts=/dev/null');
    // Whatever keeps packages authentic stays as the machine has it.
    expect(options.join(' ')).not.toMatch(/trusted|AllowUnauthenticated|AllowInsecure/i);
  });
});
