import { expect, it, vi } from 'vitest';
import { lockEnvironment } from '../../../src/world/lock-desk.ts';

it('a home folder that cannot be written to is told with the variable that names another one', async () => {
  vi.stubEnv('DEVENV_STATE_HOME', '/dev/null/no-folder');
  const environment = { id: 'devenv-a-1', name: 'a', projectDir: '/a', stateDir: '/a/.devenv/a' };
  const call = { emit: () => undefined, signal: new AbortController().signal };
  await expect(lockEnvironment(environment, call, async () => undefined)).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
    message: expect.stringContaining('/dev/null/no-folder/locks'),
    hint: expect.stringContaining('DEVENV_STATE_HOME'),
  });
  vi.unstubAllEnvs();
});
