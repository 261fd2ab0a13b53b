import { DevenvError } from '../errors.ts';
import { serviceNames } from '../topology/deployment.ts';
import { nearest } from '../topology/nearest.ts';
import { requireCurrent } from './current.ts';
import type { Call, ServiceRow } from './engine.ts';
import { execute } from './execute.ts';
import { performer } from './perform.ts';
import type { Step } from './plan.ts';
import type { Project } from './project.ts';
import { serviceRows } from './rows.ts';
import type { World } from './world.ts';

/** Stops and starts the named services (none = all) and waits until they, and what leans on them, are ready again. */
export async function restart(
  world: World,
  project: Project,
  services: readonly string[],
  options: { timeoutMs: number },
  call: Call,
): Promise<readonly ServiceRow[]> {
  const known = serviceNames(project.topology);
  refuseUnknown(services, known);
  return world.lock(project.environment, call, async () => {
    const { deployment, runtime } = await requireCurrent(world, project, call.signal);
    const chosen = services.length > 0 ? services : known;
    const context = { stepId: 'restart', emit: call.emit, signal: call.signal };
    await runtime.restart(project.environment, chosen, context);
    const perform = performer(world, runtime, deployment, options, call);
    try {
      await execute(known.map(readyStep), perform.action, { ...call, now: world.now });
    } finally {
      perform.end();
    }
    return serviceRows(world, runtime, deployment, call.signal);
  });
}

const readyStep = (service: string): Step => ({
  id: `ready:${service}`,
  title: `${service} ready`,
  cause: 'restarted, or connected to what was',
  dependsOn: [],
  action: { kind: 'ready', service },
});

export function refuseUnknown(services: readonly string[], known: readonly string[]): void {
  for (const service of services) {
    if (known.includes(service)) continue;
    const near = nearest(service, known);
    throw new DevenvError('UNKNOWN_SERVICE', `there is no service "${service}"`, {
      hint: `${near === undefined ? '' : `Did you mean "${near}"? `}Services: ${known.join(', ')}.`,
    });
  }
}
