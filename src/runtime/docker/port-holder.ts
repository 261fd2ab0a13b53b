import type { Variables } from './endpoint.ts';
import { EngineClient } from './engine-client.ts';

/** Asked while somebody waits for a port; an engine that takes longer is not worth the wait. */
const ANSWER_WITHIN_MS = 1_000;

interface Listed {
  Id: string;
  Names: string[];
  Ports: { PublicPort?: number; Type: string }[];
  Labels?: Record<string, string> | null;
}

/** A container as somebody who is in its way knows it. */
export interface PublishingContainer {
  name: string;
  labels: Readonly<Record<string, string>>;
}

/** Name of the container that publishes a TCP port of this machine; null when none does, or no engine answers. */
export const describePortHolder = async (port: number, env?: Variables): Promise<string | null> =>
  (await publishingContainer(port, env))?.name ?? null;

/** The container that publishes a TCP port of this machine; null when none does, or no engine answers. */
export async function publishingContainer(
  port: number,
  env: Variables = process.env,
): Promise<PublishingContainer | null> {
  try {
    const client = new EngineClient(env);
    const filters = JSON.stringify({ publish: [`${port}/tcp`] });
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const listed = await client.call<Listed[]>('GET', '/containers/json', { query: { filters }, signal });
    // The filter also finds a container that merely exposes the port inside.
    const holder = listed.find(({ Ports }) =>
      Ports.some(({ PublicPort, Type }) => PublicPort === port && Type === 'tcp'),
    );
    if (holder === undefined) return null;
    return { name: (holder.Names[0] ?? holder.Id).replace(/^\//, ''), labels: holder.Labels ?? {} };
  } catch {
    return null;
  }
}
