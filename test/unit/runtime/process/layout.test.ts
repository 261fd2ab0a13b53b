import { describe, expect, test } from 'vitest';
import { controlSocket, layoutOf, logFileOf } from '../../../../src/runtime/process/layout.ts';
import { cacheDir } from '../../../../src/runtime/process/machine.ts';

const environment = (stateDir: string) => ({
  name: 'e',
  projectDir: '/p',
  stateDir,
  id: 'devenv-e-00000000',
});

describe('the control socket', () => {
  test('lies in the state folder when its path fits into a socket address', () => {
    expect(controlSocket(environment('/p/.devenv/e'), '/tmp')).toEqual({
      path: '/p/.devenv/e/run/control.sock',
    });
  });

  test.each(['/tmp', '/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T'])(
    'else in a folder of its own under %s',
    (temp) => {
      const { path, ownDir } = controlSocket(environment(`/${'long/'.repeat(30)}`), temp);
      expect(ownDir).toMatch(new RegExp(`^${temp}/devenv-[0-9a-f]{16}$`));
      expect(path).toBe(`${ownDir}/s`);
    },
  );

  test('never longer than an address, counted in bytes, whatever TMPDIR is', () => {
    for (const stateDir of ['/é'.repeat(45), `/${'x'.repeat(300)}`])
      for (const temp of ['/tmp', `/${'t'.repeat(200)}`])
        expect(Buffer.byteLength(controlSocket(environment(stateDir), temp).path)).toBeLessThanOrEqual(100);
  });

  test('is another one for another state folder', () => {
    const [a, b] = ['a', 'b'].map(
      (end) => controlSocket(environment(`/${'x'.repeat(120)}${end}`), '/tmp').path,
    );
    expect(a).not.toBe(b);
  });
});

test('data that cannot be in the project are in a folder named by the environment', () => {
  const layout = layoutOf(environment('/root/p/.devenv/e'));
  expect(layout.machineDataDir).toBe('/var/lib/devenv/devenv-e-00000000');
  expect(logFileOf(layout, 'nats')).toBe('/root/p/.devenv/e/logs/nats.log');
});

test('the cache follows XDG_CACHE_HOME when that is absolute', () => {
  expect(cacheDir({ env: {}, home: '/home/u' })).toBe('/home/u/.cache/devenv');
  expect(cacheDir({ env: { XDG_CACHE_HOME: '/c' }, home: '/home/u' })).toBe('/c/devenv');
  expect(cacheDir({ env: { XDG_CACHE_HOME: 'c' }, home: '/home/u' })).toBe('/home/u/.cache/devenv');
});
