import { addAbortListener, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LABELS } from '../../../../src/render/labels.ts';
import type { EngineClient } from '../../../../src/runtime/docker/engine-client.ts';
import { observeEnvironment } from '../../../../src/runtime/docker/observe.ts';

it('many containers are asked at once without a warning of Node', async () => {
  /** As dockerode does it: each request listens to the signal until it is answered. */
  const ask = async ({ abortSignal }: { abortSignal: AbortSignal }) => {
    const listener = addAbortListener(abortSignal, () => {});
    await pause(1);
    listener[Symbol.dispose]();
    return { Config: { Labels: {} }, State: { Status: 'running' }, NetworkSettings: {} };
  };
  const docker = {
    listContainers: async () => Array.from({ length: 12 }, (_, index) => ({ Id: `c${index}` })),
    getContainer: () => ({ inspect: ask }),
    getImage: () => ({ inspect: async () => undefined }),
  };
  const client = { dockerode: async () => docker } as unknown as EngineClient;
  const environment = { id: 'e', name: 'e', projectDir: '/p', stateDir: '/p/.devenv/e', project: 'e' };
  const warned = once(process, 'warning', { signal: AbortSignal.timeout(100) }).then(
    ([warning]) => String(warning),
    () => 'nothing',
  );
  await observeEnvironment(client, environment as never, new AbortController().signal);
  expect(await warned).toBe('nothing');
});

it("a paused container still holds its ports: they are its own, not somebody else's", async () => {
  const container = {
    Id: 'c1',
    Image: 'sha256:1',
    RestartCount: 0,
    Config: { Image: 'nats', Labels: { [LABELS.service]: 'nats' } },
    State: { Status: 'paused', FinishedAt: '0001-01-01T00:00:00Z', ExitCode: 0 },
    NetworkSettings: {
      Ports: { '4222/tcp': [{ HostIp: '127.0.0.1', HostPort: '14222' }], '6222/tcp': null },
    },
  };
  const docker = {
    listContainers: async () => [{ Id: 'c1' }],
    getContainer: () => ({ inspect: async () => container }),
    getImage: () => ({ inspect: async () => undefined }),
  };
  const client = { dockerode: async () => docker } as unknown as EngineClient;
  expect(await observeEnvironment(client, { id: 'e' } as never, new AbortController().signal)).toEqual([
    { service: 'nats', state: 'exited', container: 'c1', restarts: 0, ports: { nats: 14222 } },
  ]);
});
