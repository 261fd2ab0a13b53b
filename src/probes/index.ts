import type { Probe } from './probe.ts';

/** In the order in which they run and are listed. */
export const PROBE_NAMES = [
  'flow',
  'duplicate',
  'malformed',
  'poison',
  'retry',
  'restart',
  'failover',
] as const;

export type ProbeName = (typeof PROBE_NAMES)[number];

interface Listed {
  summary: string;
  /** `restart` and `failover` kill servers: only on request. */
  isDefault: boolean;
  /** Imported when it runs: every command lists the probes, few run them. */
  load: () => Promise<Pick<Probe, 'run'>>;
}

const LISTED: Record<ProbeName, Listed> = {
  flow: {
    summary: 'One message with two items travels HTTP → JetStream → worker → Postgres.',
    isDefault: true,
    load: async () => (await import('./flow.ts')).flow,
  },
  duplicate: {
    summary: 'The same Idempotency-Key twice: one message, one row.',
    isDefault: true,
    load: async () => (await import('./duplicate.ts')).duplicate,
  },
  malformed: {
    summary: 'A message with one bad item ends in the dead letter stream; nothing of it is written.',
    isDefault: true,
    load: async () => (await import('./malformed.ts')).malformed,
  },
  poison: {
    summary: 'Bytes that nobody can parse end in the dead letter stream, with where they came from.',
    isDefault: true,
    load: async () => (await import('./poison.ts')).poison,
  },
  retry: {
    summary: 'A message fails once, is delivered again, and succeeds.',
    isDefault: true,
    load: async () => (await import('./retry.ts')).retry,
  },
  restart: {
    summary: 'NATS is killed and comes back in the middle of the flow: nothing lost, no row twice.',
    isDefault: false,
    load: async () => (await import('./restart.ts')).restart,
  },
  failover: {
    summary:
      'The server that leads the stream is killed under load: nothing lost, no row twice, and how long it took.',
    isDefault: false,
    load: async () => (await import('./failover.ts')).failover,
  },
};

export const probes: readonly Probe[] = PROBE_NAMES.map((name) => {
  const { summary, isDefault, load } = LISTED[name];
  return { name, summary, isDefault, run: async (context) => (await load()).run(context) };
});
