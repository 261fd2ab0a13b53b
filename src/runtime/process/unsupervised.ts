import { DevenvError } from '../../errors.ts';
import type { ObservedService } from '../runtime.ts';
import type { FoundProcess } from './orphans.ts';

/** What a supervisor that was killed, or is stuck, holds no more, one entry per service, named by its oldest process. Pure. */
export function unsupervised(processes: readonly FoundProcess[]): ObservedService[] {
  const unusable = processes.some(({ service }) => service === null)
    ? 'its supervisor does not answer'
    : 'its supervisor is gone';
  const oldest = new Map<string, number>();
  for (const { service, pid } of processes)
    if (service !== null) oldest.set(service, Math.min(pid, oldest.get(service) ?? pid));
  return [...oldest].map(([service, pid]) => ({
    service,
    state: 'running',
    pid,
    restarts: 0,
    unusable,
  }));
}

/** Why nothing can be asked of an environment whose supervisor does not answer. Pure. */
export function unsupervisedError(environment: string, processes: readonly FoundProcess[]): DevenvError {
  const supervisor = processes.find(({ service }) => service === null);
  if (supervisor !== undefined)
    return new DevenvError(
      'NOT_READY',
      `The supervisor of environment "${environment}" (pid ${supervisor.pid}) is there and does not answer: it is stopped, or stuck.`,
      {
        hint: `Continue it with \`kill -CONT ${supervisor.pid}\`; or run \`devenv up\`, which ends it and starts everything again with its data.`,
      },
    );
  if (processes.length > 0)
    return new DevenvError(
      'NOT_READY',
      `The supervisor of environment "${environment}" is gone; ${processes.map(({ service, pid }) => `${service} (pid ${pid})`).join(', ')} run without it.`,
      { hint: 'Run `devenv up`, which starts them again with their data.' },
    );
  return new DevenvError('ENVIRONMENT_NOT_RUNNING', `The environment ${environment} is not running.`, {
    hint: 'Start it with `devenv up`.',
  });
}
