import { jetstreamManager } from '@nats-io/jetstream';
import type { Database } from './database.ts';
import { errorText } from './message-status.ts';
import type { NatsLink } from './nats-link.ts';

/** What `/readyz` answers. `checks` has one line per part: `ok` or what is wrong with it. */
export interface Readiness {
  status: 'ready' | 'not-ready';
  missing: readonly string[];
  checks: Readonly<Record<string, string>>;
}

const CHECK_MS = 1000;

/** Part name → a check that throws when the part is missing. */
export type Checks = Readonly<Record<string, () => Promise<unknown>>>;

/** Asks every part at once, each time anew; simultaneous callers share one round. */
export function createReadiness(checks: Checks): () => Promise<Readiness> {
  let running: Promise<Readiness> | undefined;
  return () => {
    running ??= ask(checks).finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function ask(checks: Checks): Promise<Readiness> {
  const answers = await Promise.all(
    Object.entries(checks).map(async ([part, check]) => {
      try {
        await inTime(check());
        return [part, 'ok'] as const;
      } catch (error) {
        return [part, errorText(error)] as const;
      }
    }),
  );
  const missing = answers.filter(([, answer]) => answer !== 'ok').map(([part]) => part);
  return {
    status: missing.length === 0 ? 'ready' : 'not-ready',
    missing,
    checks: Object.fromEntries(answers),
  };
}

async function inTime(check: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS);
  });
  try {
    await Promise.race([check, late]);
  } finally {
    clearTimeout(timer);
    check.catch(() => {});
  }
}

/** A connection that answers, not one that merely looks open. */
export const checkNats = (link: NatsLink) => async () => {
  if (link.connection === undefined) throw new Error(link.lastError);
  await link.connection.flush();
};

/** JetStream is on and has the stream. */
export const checkStream = (link: NatsLink, stream: string) => async () => {
  if (link.connection === undefined) throw new Error('NATS is away');
  const manager = await jetstreamManager(link.connection, { checkAPI: false, timeout: CHECK_MS });
  await manager.streams.info(stream);
};

/** Postgres answers and has been migrated. */
export const checkPostgres = (database: Database) => async () => {
  await database.query('SELECT FROM message_status LIMIT 0');
};

/** A message published below `prefix` would be kept by `stream`, and by no other. */
export const checkCaptured = (link: NatsLink, stream: string, prefix: string) => async () => {
  if (link.connection === undefined) throw new Error('NATS is away');
  const manager = await jetstreamManager(link.connection, { checkAPI: false, timeout: CHECK_MS });
  const found = await manager.streams.find(`${prefix}.any`);
  if (found !== stream) throw new Error(`${prefix}.> is captured by ${found}, expected ${stream}`);
};
