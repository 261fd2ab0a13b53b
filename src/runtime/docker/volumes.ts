import type { Environment } from '../../topology/deployment.ts';
import { type EngineClient, ofEnvironment } from './engine-client.ts';

/** Names of the volumes of an environment, whatever uses them now. */
export async function listVolumes(
  client: EngineClient,
  environment: Environment,
  signal: AbortSignal,
): Promise<string[]> {
  const { Volumes } = await client.call<{ Volumes: { Name: string }[] | null }>('GET', '/volumes', {
    query: { filters: ofEnvironment(environment) },
    signal,
  });
  return (Volumes ?? []).map(({ Name }) => Name);
}

/** The nats-servers, by service, that a list of volumes holds the streams of. Pure. */
export const natsStores = (volumes: readonly string[], { id }: Environment): string[] =>
  volumes.flatMap((name) => {
    const store = name.startsWith(`${id}_`) ? name.slice(id.length + 1) : '';
    return /^nats(-\d+)?-data$/.test(store) ? [store.replace(/-data$/, '')] : [];
  });
