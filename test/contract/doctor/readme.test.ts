import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { doctorDesk } from '../../../src/world/doctor-desk.ts';
import { repository } from '../../helpers/sandbox.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'devenv-readme-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

it('has nothing to say against the larger topology that the README shows', async () => {
  const readme = await readFile(join(repository, 'README.md'), 'utf8');
  const [, shown] = /^## A larger topology$.*?^```yaml\n(.*?)^```$/ms.exec(readme) ?? [];
  expect(shown).toContain('system_account: MONITOR');
  await writeFile(join(cwd, 'devenv.yaml'), shown!);
  const { report } = await doctorDesk({ cwd, env: {}, look: async () => null }).examine(
    { live: 'no' },
    { signal: new AbortController().signal },
  );
  expect(report.checked.files).toEqual(['devenv.yaml']);
  expect(report.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
});
