import { parseNatsUrl } from '../../../src/adapters/nats.ts';
import type { DevenvEvent } from '../../../src/events.ts';
import { probes } from '../../../src/probes/index.ts';
import type { ProbeContext, ProbeReport } from '../../../src/probes/probe.ts';
import type { Entity } from '../../../src/topology/entities.ts';
import { ORDER_ENTITY } from '../../helpers/pipeline-entities.ts';
import { someTopology } from '../../helpers/topology.ts';
import type { Stand } from '../pipeline/stand.ts';

export const BACKOFF_MS = [250, 1000];

/** What the engine would hand to a probe, for a stand with an API and a worker. */
export function contextFor(
  stand: Stand,
  services: { api: string; worker: string },
  parts: Partial<ProbeContext> = {},
): ProbeContext & { events: DevenvEvent[] } {
  const topology = someTopology({ entities: [ORDER_ENTITY as Entity] });
  const events: DevenvEvent[] = [];
  return {
    events,
    topology: {
      ...topology,
      consumers: topology.consumers.map((consumer) => ({ ...consumer, backoff: BACKOFF_MS })),
    },
    endpoints: {
      nats: parseNatsUrl(stand.natsUrl),
      natsMonitorUrl: '',
      databaseUrl: stand.postgres.url,
      services,
    },
    signal: AbortSignal.timeout(30_000),
    emit: (event) => void events.push(event),
    control: {
      kill: async () => {
        throw new Error('this probe must not kill anything');
      },
      ensureRunning: async () => {},
    },
    marks: { write: async () => {}, erase: async () => {} },
    lastLogs: async (service) => [
      { service, at: '2026-01-01T00:00:00.000Z', text: `last words of ${service}` },
    ],
    ...parts,
  };
}

export async function runProbe(name: string, context: ProbeContext): Promise<ProbeReport> {
  const probe = probes.find((candidate) => candidate.name === name);
  if (probe === undefined) throw new Error(`no probe ${name}`);
  return probe.run(context);
}

/** `passed NATS answers`, with the error of a failed one. */
export const told = ({ hops }: ProbeReport): string[] =>
  hops.map(({ status, hop, error }) => [status, hop, error].filter(Boolean).join(' | '));

/** Everything that a probe may leave behind. */
export async function leftovers(stand: Stand): Promise<Record<string, number>> {
  const count = async (table: string) => (await stand.rows(table)).length;
  const manager = await stand.manager();
  const messages = async (stream: string) => (await manager.streams.info(stream)).state.messages;
  return {
    orders: await count('orders'),
    items: await count('order_line_items'),
    statuses: await count('message_status'),
    messages: await messages('MESSAGES'),
    deadLetters: await messages('MESSAGESDLQ'),
  };
}

export const NOTHING = { orders: 0, items: 0, statuses: 0, messages: 0, deadLetters: 0 };
