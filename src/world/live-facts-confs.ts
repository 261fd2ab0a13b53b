import type { LiveConf } from '../doctor/facts.ts';
import { confChange } from '../doctor/nats-conf/conf-change.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Deployment } from '../topology/deployment.ts';

/** Each server's nats.conf as it lies there, against the declared one. No value of either is kept. */
export async function liveConfs(
  deployment: Deployment,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<readonly LiveConf[]> {
  const configurations = await runtime.configurations(deployment, signal);
  return configurations.map(({ service, path, wanted, found }) => ({
    server: service,
    path,
    differs: found === undefined ? null : changedSettings(found.text, wanted),
  }));
}

function changedSettings(found: string, wanted: string): readonly string[] {
  const { consequence, settings } = confChange(found, wanted);
  return consequence !== 'nothing' && settings.length === 0 ? ['everything: it is no nats.conf'] : settings;
}
