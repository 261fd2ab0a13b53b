import type { LiveConsumer, LiveStream } from '../../topology/live.ts';
import type { LiveFacts, Reading } from '../facts.ts';
import type { Place } from '../finding.ts';

/** What was read, or undefined when it could not be: a rule says nothing about what it does not know. */
export const known = <T>(reading: Reading<T>): T | undefined => (reading.ok ? reading.value : undefined);

export const object = (name: string): Place => ({ kind: 'object', object: name });

/** A stream as it is now, with the consumers that it has. */
export interface StreamInAccount {
  account: string;
  stream: LiveStream;
  consumers: readonly LiveConsumer[];
  /** `stream MESSAGES`; with the account where there are several. */
  title: string;
}

/** Every stream of every account that could be read. */
export function streamsOf({ accounts }: Pick<LiveFacts, 'accounts'>): StreamInAccount[] {
  return accounts.flatMap(({ account, streams, consumers }) =>
    (known(streams) ?? []).map((stream) => ({
      account,
      stream,
      consumers: (known(consumers) ?? []).filter((consumer) => consumer.stream === stream.name),
      title: titleIn(accounts, account, `stream ${stream.name}`),
    })),
  );
}

/** `consumer MESSAGES/workers`, ` of account APP` where there are several. */
export const titleIn = (accounts: LiveFacts['accounts'], account: string, name: string): string =>
  accounts.length > 1 ? `${name} of account ${account}` : name;

export const consumerTitle = (
  { accounts }: Pick<LiveFacts, 'accounts'>,
  account: string,
  { stream, name }: Pick<LiveConsumer, 'stream' | 'name'>,
): string => titleIn(accounts, account, `consumer ${stream}/${name}`);

/** `1 message`, `3 messages` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
