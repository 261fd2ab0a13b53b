import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../../adapters/deadline.ts';
import { ensureDir } from '../../../adapters/files.ts';
import { identify } from '../../../adapters/processes.ts';
import { DevenvError } from '../../../errors.ts';
import type { StepContext } from '../../runtime.ts';
import type { Machine } from '../machine.ts';
import { fromDebian } from './debian.ts';
import { cachedProgram, type NatsServer } from './lookup.ts';
import { fromUpstream, type SourceContext } from './upstream.ts';
import { askVersion, isTooOld, OLDEST } from './version.ts';

type Source = { name: string; get: (context: SourceContext) => Promise<string> };

const SOURCES: readonly Source[] = [
  { name: 'upstream release', get: fromUpstream },
  { name: 'Debian archive', get: fromDebian },
];

/**
 * Gets a nats-server into the cache from the first source that works. `passed` are the reasons why the sources before
 * (setting, PATH, cache) had none; they are told when nothing works. Throws NATS_SERVER_ABSENT.
 */
export async function acquireNatsServer(
  {
    version,
    passed,
    cache,
    machine,
  }: { version: string; passed: readonly string[]; cache: string; machine: Machine },
  { stepId, emit, signal }: StepContext,
  sources: readonly Source[] = SOURCES,
): Promise<NatsServer> {
  const reasons = [...passed];
  const parent = join(cache, 'nats-server');
  await ensureDir(parent);
  await clearAbandoned(parent);
  for (const { name, get } of sources) {
    const workDir = await mkdtemp(join(parent, `.getting-${process.pid}-`));
    try {
      const progress: SourceContext['progress'] = (text, done, total) =>
        emit({
          type: 'step-progress',
          id: stepId,
          text: `${name}: ${text}`,
          ...(done === undefined ? {} : { done, unit: 'bytes' as const }),
          ...(total === undefined ? {} : { total }),
        });
      progress(`looking for nats-server ${version}`);
      const program = await get({ machine, version, workDir, progress, signal });
      return await keep(program, cache, signal);
    } catch (error) {
      signal.throwIfAborted();
      reasons.push(`${name}: ${messageOf(error)}`);
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  }
  throw new DevenvError(
    'NATS_SERVER_ABSENT',
    `nats-server ${version} is not on this machine and cannot be got.`,
    {
      hint:
        'Install nats-server 2.10 or newer and put it on the PATH, or name it in nats.binary (DEVENV_NATS_SERVER); ' +
        'DEVENV_NATS_RELEASES names a mirror of the releases; --runtime docker does not need it.',
      details: reasons,
    },
  );
}

/** Half a download of a process that was killed. */
async function clearAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^\.getting-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && (await identify(Number(pid))) === null)
      await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Under its true version, complete from the first instant: two at once replace each other's equal file. */
async function keep(program: string, cache: string, signal: AbortSignal): Promise<NatsServer> {
  await chmod(program, 0o755);
  const inspection = await askVersion(program, signal);
  if ('failure' in inspection) throw new Error(`what came does not run here: ${inspection.failure}`);
  const { version } = inspection;
  if (isTooOld(version)) throw new Error(`it has ${version}, older than ${OLDEST}`);
  const target = cachedProgram(cache, version);
  await ensureDir(dirname(target));
  await rename(program, target);
  return { program: target, version };
}
