import { describe, expect, it } from 'vitest';
import { e15NoNetworkLeft } from '../../../../src/doctor/rules/environment/e15-no-network-left.ts';
import { beforeStart, failed, got, said, someMachine } from './facts.ts';

const networks = (free: number, unused: { name: string; environment?: string; projectDir?: string }[] = []) =>
  someMachine([], got({ pools: { total: 31, free }, unused }));

describe('E15, address pools', () => {
  it('are all given out: an error that names what may go', () => {
    const unused = [
      { name: 'devenv-old-1_default', environment: 'old', projectDir: '/srv/old' },
      ...Array.from({ length: 9 }, (_, at) => ({ name: `n${at}` })),
    ];
    const findings = beforeStart(e15NoNetworkLeft, networks(0, unused));
    expect(said(findings)).toEqual([
      'Docker networks error: 31 of the 31 address pools of the Docker engine are in use; no container uses ' +
        'devenv-old-1_default, n0, n1, n2, n3, n4, n5, n6, 2 more.',
    ]);
    expect(findings[0]?.fix).toBe(
      'Run `devenv down --name old` in /srv/old. `docker network prune` removes every network that no container uses.',
    );
  });

  it('are nearly all given out: a warning', () => {
    expect(beforeStart(e15NoNetworkLeft, networks(2))).toMatchObject([{ severity: 'warning' }]);
  });

  it('are left, or there is no engine to ask', () => {
    expect(beforeStart(e15NoNetworkLeft, networks(3, [{ name: 'n' }]))).toEqual([]);
    expect(beforeStart(e15NoNetworkLeft, someMachine([], null))).toEqual([]);
    expect(beforeStart(e15NoNetworkLeft, someMachine([], failed('no answer')))).toEqual([]);
  });
});
