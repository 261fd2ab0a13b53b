import { addAbortListener, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { EngineClient } from '../../../../src/runtime/docker/engine-client.ts';
import { observeEnvironment } from '../../../../src/runtime/docker/observe.ts';

it('many containers are asked at once without a warning of Node', async () => {
  /** As dockerode does it: each request listens to the signal until it is answered. */
  const ask = async ({ abortSignal }: { abortSignal: AbortSignal }) => {
    const listener = addAbortListener(abortSignal, () => {});
    await pause(1);
    listener[Symbol.dispose]();
    return { Config: { Labels: {} }, State: { Status: 'running' } };
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
