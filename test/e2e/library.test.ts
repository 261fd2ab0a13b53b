import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leakCheck } from '../helpers/leaks.ts';

leakCheck();

/** The built library, as a test suite of a user imports it. */
const { startEnvironment } = (await import(
  '../../dist/index.js' as string
)) as typeof import('../../src/index.ts');

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'devenv-library-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

it('startEnvironment gives a running environment and takes it down at the end of the block', async () => {
  {
    await using environment = await startEnvironment({ cwd, name: 'suite', runtime: 'process', probe: true });
    expect(environment.probes.map(({ status }) => status)).toEqual(Array(5).fill('passed'));
    const answer = await fetch(`${environment.variables.INGESTION_API_URL}/healthz`);
    expect(answer.status).toBe(200);
  }
  expect(await readdir(cwd)).toEqual([]);
});

it('an aborted start leaves nothing', async () => {
  const controller = new AbortController();
  const emit = ({ type }: { type: string }) => {
    if (type === 'step-done') controller.abort(new Error('the suite was cancelled'));
  };
  await expect(
    startEnvironment({ cwd, name: 'cancelled', runtime: 'process', signal: controller.signal, emit }),
  ).rejects.toThrow('the suite was cancelled');
  expect(await readdir(cwd)).toEqual([]);
});
