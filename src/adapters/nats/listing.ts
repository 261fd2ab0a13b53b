import { JetStreamApiError } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { DevenvError } from '../../errors.ts';

interface Page<T> {
  total?: number;
  streams?: T[];
  consumers?: T[];
  /** Names of what is there and was not told in time. */
  missing?: string[];
  error?: { code: number; err_code: number; description: string };
}

/**
 * Every page of a list of JetStream's API (`STREAM.LIST`, `CONSUMER.LIST.<stream>`). In a cluster one server asks those
 * that lead each stream, waits four seconds for them, and then leaves out who has not answered; a client that reads no
 * `missing` takes that for an object that does not exist. Throws NOT_READY with their names instead.
 */
export async function listAll<T>(
  connection: NatsConnection,
  list: string,
  part: 'streams' | 'consumers',
  timeoutMs: number,
): Promise<T[]> {
  const entries: T[] = [];
  for (;;) {
    const request = JSON.stringify({ offset: entries.length });
    const answer = await connection.request(`$JS.API.${list}`, request, { timeout: timeoutMs });
    const page = answer.json<Page<T>>();
    if (page.error !== undefined) throw new JetStreamApiError(page.error);
    if (page.missing !== undefined && page.missing.length > 0) throw unanswered(part, page.missing);
    const told = page[part] ?? [];
    entries.push(...told);
    if (told.length === 0 || entries.length >= (page.total ?? 0)) return entries;
  }
}

const unanswered = (part: 'streams' | 'consumers', names: readonly string[]): DevenvError =>
  new DevenvError(
    'NOT_READY',
    `${part} ${names.join(', ')}: there, but no server that leads them answers at the moment`,
    {
      hint:
        'See `devenv status`: more than half of the servers with a copy must run. `devenv up` starts those that stopped; ' +
        'one that `nats.servers` does not count any more has to be counted again.',
    },
  );
