import { createHash } from 'node:crypto';
import type { ConfConsequence } from '../doctor/nats-conf/conf-change.ts';
import type { Runtime, ServerConfiguration } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';
import { natsServers } from '../topology/servers.ts';
import type { KnownConf } from './state.ts';
import type { World } from './world.ts';

/** A nats-server whose configuration is not, or not surely, the one that is wanted. */
export interface ConfToFollow {
  service: string;
  consequence: Exclude<ConfConsequence, 'nothing'>;
  cause: string;
}

/** Which servers have to follow, and what that takes. Looks at texts only. */
export async function confsToFollow(
  configurations: readonly ServerConfiguration[],
  known: Readonly<Record<string, KnownConf>>,
): Promise<readonly ConfToFollow[]> {
  const each = await Promise.all(configurations.map((one) => toFollow(one, known[one.service])));
  return each.flat();
}

async function toFollow(
  { service, wanted, found, pinned }: ServerConfiguration,
  known: KnownConf | undefined,
): Promise<ConfToFollow[]> {
  if (found === undefined)
    return [{ service, consequence: pinned ? 'rolling' : 'reload', cause: 'its nats.conf is gone' }];
  const same = found.text === wanted;
  // An environment of an earlier devenv, which remembered nothing.
  if (known === undefined && same) return [];
  const replaced = known !== undefined && known.inode !== found.stamp.inode;
  const touched = known !== undefined && (replaced || known.changedAt !== found.stamp.changedAt);
  if (same && !touched) return [];
  const { confChange, worse } = await import('../doctor/nats-conf/conf-change.ts');
  const { consequence, settings } = confChange(found.text, wanted);
  const least = worse(consequence, pinned && replaced ? 'rolling' : 'reload');
  const cause = causeOf(same, touched && known.digest !== digestOf(found.text), settings);
  return [{ service, consequence: least === 'nothing' ? 'reload' : least, cause }];
}

function causeOf(same: boolean, edited: boolean, settings: readonly string[]): string {
  if (same) return 'nobody knows whether it has read its nats.conf';
  const which = settings.length === 0 ? '' : `: ${settings.join(', ')}`;
  return edited ? `its nats.conf was edited by hand${which}` : `its nats.conf changes${which}`;
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** To be called when servers have been started with, or have read, what was written. */
export async function rememberConfs(
  world: Pick<World, 'state'>,
  runtime: Runtime,
  deployment: Deployment,
  services: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (!natsServers(deployment.topology).some(({ service }) => services.includes(service))) return;
  const written = (await runtime.configurations(deployment, signal)).filter(({ service }) =>
    services.includes(service),
  );
  const state = await world.state.load(deployment.environment);
  if (written.length === 0 || state === null) return;
  const confs = Object.fromEntries(
    written.flatMap(({ service, found }) =>
      found === undefined ? [] : [[service, { ...found.stamp, digest: digestOf(found.text) }]],
    ),
  );
  await world.state.save(deployment.environment, { ...state, confs: { ...state.confs, ...confs } });
}
