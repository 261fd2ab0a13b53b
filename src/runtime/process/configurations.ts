import { readStamped } from '../../adapters/files.ts';
import { identify, signalProcess } from '../../adapters/processes.ts';
import type { Deployment } from '../../topology/deployment.ts';
import { natsServers } from '../../topology/servers.ts';
import type { ServerConfiguration } from '../runtime.ts';
import type { SupervisorClient } from './client.ts';
import { natsDefinition, type RenderedFile } from './definitions.ts';
import type { Lookup } from './nats-server/lookup.ts';

/** Without a nats-server there is nobody to read one. */
export async function configurationsOf(
  deployment: Deployment,
  { found }: Lookup,
): Promise<readonly ServerConfiguration[]> {
  if (found === null) return [];
  return Promise.all(
    confFiles(deployment, found).map(async ({ service, conf }) => {
      const seen = await readStamped(conf.path);
      return {
        service,
        path: conf.path,
        wanted: conf.content,
        ...(seen === undefined ? {} : { found: seen }),
        pinned: false,
      };
    }),
  );
}

/** nats.conf of each server, as it is written for a server of that version. */
export function confFiles(
  deployment: Deployment,
  found: NonNullable<Lookup['found']>,
): readonly { service: string; conf: RenderedFile }[] {
  const placement = { natsServer: found.program, natsVersion: found.version };
  return natsServers(deployment.topology).flatMap((server) => {
    const { service, args, files } = natsDefinition(deployment, server, placement);
    const conf = files.find(({ path }) => args.includes(path));
    return conf === undefined ? [] : [{ service, conf }];
  });
}

/** SIGHUP to those of the named services that run. */
export async function tellToReload(
  supervisor: SupervisorClient,
  services: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const status = await supervisor.status(signal);
  for (const { service, pid } of status.services) {
    if (pid === undefined || !services.includes(service)) continue;
    const identity = await identify(pid);
    if (identity !== null) await signalProcess(identity, 'SIGHUP');
  }
}
