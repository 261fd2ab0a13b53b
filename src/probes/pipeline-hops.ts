import { checkHttp } from '../adapters/http.ts';
import type { StoredMessage } from '../adapters/nats.ts';
import { DEAD_LETTER } from './dead-letter-headers.ts';
import { type Hop, until } from './hops.ts';
import { type MessageStatus, post, statusOf } from './ingestion.ts';
import { expectRows, holdRow, itemRows, rootRows } from './rows.ts';
import type { Run } from './run.ts';
import type { Sample, Values } from './sample.ts';

/** What the hops of one run tell each other. */
export interface Journey {
  run: Run;
  messageId?: string;
  /** Where the message stands in the ingest stream. */
  sequence?: number;
  /** Last sequences before the run began: the search starts behind them. */
  before: Map<string, number>;
  /** Statuses seen, each once, in order. */
  statuses: string[];
}

export const journey = (run: Run): Journey => ({ run, before: new Map(), statuses: [] });

/** The servers, the API and the streams that the probe is going to need, each named when it is what is missing. */
export const arrival = (
  trip: Journey,
  { api = true, streams }: { api?: boolean; streams: readonly string[] },
): Hop[] => [
  {
    name: 'NATS answers',
    withinMs: 3_000,
    service: 'nats',
    fix: 'See `devenv logs nats`; `devenv up` repairs what is damaged.',
    run: async ({ see }) => see({ version: (await trip.run.nats()).serverVersion }),
  },
  {
    name: 'Postgres answers',
    withinMs: 3_000,
    service: 'postgres',
    fix: 'See `devenv logs postgres`; `devenv up` repairs what is damaged.',
    run: async () => void (await trip.run.database()),
  },
  ...(api ? [apiReady(trip)] : []),
  ...streams.map((stream) => streamExists(trip, stream)),
];

function apiReady({ run }: Journey): Hop {
  const { api } = run.target;
  return {
    name: `${api.name}: GET /readyz → 200`,
    withinMs: 3_000,
    service: api.name,
    fix: `See \`devenv logs ${api.name}\`; \`devenv up\` repairs what is damaged.`,
    async run({ signal, see }) {
      const { ready, detail } = await checkHttp(`${api.url}/readyz`, { signal, timeoutMs: 2_500 });
      see({ answer: detail });
      if (!ready) throw new Error(`expected 200, got: ${detail}`);
    },
  };
}

function streamExists({ run, before }: Journey, stream: string): Hop {
  return {
    name: `stream ${stream} exists`,
    withinMs: 2_000,
    service: 'nats',
    fix: `Run \`devenv up\`: it creates the declared streams. ${stream} must be among them.`,
    async run({ see }) {
      const live = await (await run.nats()).getStream(stream);
      if (live === null) throw new Error(`expected a stream ${stream}, found none`);
      before.set(stream, live.lastSeq);
      await run.mark(before);
      see({ messages: live.messages, lastSeq: live.lastSeq });
    },
  };
}

/** Makes the worker wait inside its transaction, so that what comes before the commit can be seen. */
export const rowHeld = ({ run }: Journey, sample: Sample): Hop => ({
  name: `row of ${run.target.entity.table} held back`,
  withinMs: 3_000,
  service: 'postgres',
  fix: 'The tables must be there and take an insert: run `devenv up`, which migrates.',
  async run() {
    await holdRow(await run.holder(), run.target, sample.root);
  },
});

export const posted = (trip: Journey, body: Values, idempotencyKey?: string): Hop => ({
  name: 'POST /ingest/message → 202',
  withinMs: 3_000,
  service: trip.run.target.api.name,
  fix: `See \`devenv logs ${trip.run.target.api.name}\`.`,
  async run({ signal, see }) {
    const { run } = trip;
    trip.messageId = await post(run.target, body, {
      signal,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
    await run.accepted(trip.messageId, trip.before);
    see({ message_id: trip.messageId });
  },
});

export const stored = (trip: Journey): Hop => {
  const { names, entity, api } = trip.run.target;
  return {
    name: `stream ${names.stream} holds the message`,
    withinMs: 2_000,
    service: api.name,
    fix: `Compare the subjects of ${names.stream} with what ${api.name} publishes: \`devenv status\`.`,
    async run({ signal, see }) {
      const subject = `${names.subjectPrefix}.${entity.name}`;
      const message = await findMessage(trip, { stream: names.stream, subject, signal }, ({ text }) =>
        carries(trip, text),
      );
      trip.sequence = message.seq;
      see({ subject, sequence: message.seq, stored_at: message.at });
    },
  };
};

/** Waits for a status. One that cannot lead there any more ends the wait at once. */
export const statusReached = (
  trip: Journey,
  wanted: string,
  options: { withinMs?: number; check?: (status: MessageStatus) => void | Promise<void> } = {},
): Hop => {
  const { worker } = trip.run.target;
  return {
    name: `status ${wanted}`,
    withinMs: options.withinMs ?? 3_000,
    service: worker.name,
    fix: `The message waits for ${worker.name}: see \`devenv logs ${worker.name}\` and \`devenv status\`.`,
    async run({ signal, see }) {
      const status = await until(signal, async () => {
        const now = await statusOf(trip.run.target, idOf(trip), signal);
        if (trip.statuses.at(-1) !== now.status) trip.statuses.push(now.status);
        see({ ...now, seen: [...trip.statuses] });
        if (now.status === wanted) return now;
        if (['completed', 'dlq'].includes(now.status)) {
          const why = now.error_message === null ? '' : `: ${now.error_message}`;
          throw new Error(`expected the status ${wanted}, but it ended as ${now.status}${why}`);
        }
        return undefined;
      });
      await options.check?.(status);
    },
  };
};

/** Lets the worker go on. */
export const release = async ({ run }: Journey): Promise<void> => {
  await (await run.holder()).query('ROLLBACK');
};

/** Exact rows of the root and of its items: none of either when `sample` is undefined. */
export const rowsWritten = (trip: Journey, sample: Sample | undefined): Hop[] => {
  const { run } = trip;
  const { entity, derived, worker, keyField } = run.target;
  const inherited = entity.fields.filter(
    ({ name }) => entity.key.includes(name) && derived.key.includes(name),
  );
  const tables = [
    {
      table: entity.table,
      read: rootRows,
      expected: sample === undefined ? [] : [sample.root],
      fields: entity.fields,
    },
    {
      table: derived.table,
      read: itemRows,
      expected: sample === undefined ? [] : sample.items,
      fields: [...inherited, ...derived.fields],
    },
  ];
  return tables.map(({ table, read, expected, fields }) => ({
    name: `${expected.length} row${expected.length === 1 ? '' : 's'} in ${table}`,
    withinMs: 2_000,
    service: worker.name,
    fix: `Compare the declared fields with the table and with what ${worker.name} writes.`,
    async run({ see }) {
      const found = await read(await run.database(), run.target, run.key);
      see({ where: `${keyField} = ${run.key}`, rows: found });
      expectRows(table, found, expected, fields);
    },
  }));
};

/** The dead letter of the message, with its headers; `matches` tells it from others. */
export const deadLettered = (
  trip: Journey,
  matches: (message: StoredMessage) => boolean,
  check: (message: StoredMessage) => void = () => {},
): Hop => {
  const { names, entity, worker } = trip.run.target;
  return {
    name: `stream ${names.dlqStream} holds it with headers`,
    withinMs: 3_000,
    service: worker.name,
    fix: `See \`devenv logs ${worker.name}\`; the stream ${names.dlqStream} must capture ${names.dlqSubjectPrefix}.>.`,
    async run({ signal, see }) {
      const subject = `${names.dlqSubjectPrefix}.${entity.name}`;
      const message = await findMessage(trip, { stream: names.dlqStream, subject, signal }, matches);
      const headers = Object.fromEntries(
        Object.values(DEAD_LETTER).map((name) => [name, message.headers[name]]),
      );
      see({ subject, sequence: message.seq, headers });
      const missing = Object.values(DEAD_LETTER).filter((name) => !message.headers[name]);
      if (missing.length > 0) throw new Error(`expected the headers ${missing.join(', ')}, found none`);
      expectHeader(message, DEAD_LETTER.stream, names.stream);
      expectHeader(message, DEAD_LETTER.sequence, String(trip.sequence));
      check(message);
    },
  };
};

function expectHeader(message: StoredMessage, name: string, value: string): void {
  const found = message.headers[name];
  if (found !== value) throw new Error(`expected the header ${name}: ${value}, found ${found}`);
}

/** Walks a stream from where it ended before the run; whatever others publish meanwhile is passed over. */
async function findMessage(
  { run, before }: Journey,
  { stream, subject, signal }: { stream: string; subject: string; signal: AbortSignal },
  matches: (message: StoredMessage) => boolean,
): Promise<StoredMessage> {
  const nats = await run.nats();
  let fromSeq = (before.get(stream) ?? 0) + 1;
  return until(signal, async () => {
    for (;;) {
      const message = await nats.getMessage(stream, { fromSeq, subject });
      if (message === null) return undefined;
      fromSeq = message.seq + 1;
      if (!matches(message)) continue;
      run.stored.push({ stream, seq: message.seq });
      return message;
    }
  });
}

/** Is this text the envelope of our message? */
export const carries = (trip: Journey, text: string): boolean => text.includes(`"${idOf(trip)}"`);

export function idOf({ messageId }: Journey): string {
  if (messageId === undefined) throw new Error('no message was accepted');
  return messageId;
}
