import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { LABELS } from '../../render/labels.ts';
import type { Environment } from '../../topology/deployment.ts';
import { type EngineClient, ofEnvironment } from './engine-client.ts';

export interface ContainerEvent {
  action: 'start' | 'die';
  container: string;
  service: string;
  /** Milliseconds since the epoch, by the engine's clock. */
  at: number;
  /** Of `die`. */
  status: number;
}

interface EngineMessage {
  Action: string;
  timeNano: number;
  Actor: { ID: string; Attributes: Record<string, string> };
}

/**
 * Events of an environment's containers from `since` on, until the signal aborts: the engine replays what happened
 * between that instant and the subscription, so none is missed. Throws when the engine goes away.
 */
export async function* containerEvents(
  client: EngineClient,
  environment: Environment,
  {
    actions,
    since,
    signal,
  }: { actions: readonly ContainerEvent['action'][]; since: Date; signal: AbortSignal },
): AsyncGenerator<ContainerEvent> {
  if (signal.aborted) return;
  const docker = await client.dockerode();
  const filters = ofEnvironment(environment, { type: ['container'], event: [...actions] });
  const stream = (await docker.getEvents({
    since: (since.getTime() / 1000).toFixed(3),
    filters,
    abortSignal: signal,
  } as unknown as Dockerode.GetEventsOptions)) as unknown as Readable;
  try {
    for await (const { Action, Actor, timeNano } of messages(stream)) {
      yield {
        action: Action as ContainerEvent['action'],
        container: Actor.ID,
        service: Actor.Attributes[LABELS.service] ?? '',
        at: timeNano / 1e6,
        status: Number(Actor.Attributes.exitCode ?? 0),
      };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return;
  } finally {
    stream.destroy();
  }
  if (!signal.aborted) throw new Error('the Docker engine closed its stream of events');
}

/** One JSON object per line, lines split anywhere. */
async function* messages(stream: Readable): AsyncGenerator<EngineMessage> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as EngineMessage;
  }
}
