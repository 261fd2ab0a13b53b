import { describe, expect, test } from 'vitest';
import { Problem } from '../../../src/pipeline/api/problem.ts';
import { idOfKey, prepareSubmission } from '../../../src/pipeline/api/submission.ts';
import { decodeEnvelope, encodeEnvelope } from '../../../src/pipeline/envelope.ts';
import { GroupCommit } from '../../../src/pipeline/group-commit.ts';
import { errorText } from '../../../src/pipeline/message-status.ts';
import { natsAddress } from '../../../src/pipeline/nats-address.ts';
import { isLastDelivery, redeliveryDelay } from '../../../src/pipeline/worker/consumer-policy.ts';
import { deadLetterHeaders, deadLetterSubject } from '../../../src/pipeline/worker/dead-letters.ts';

const context = { trace: {}, receivedAt: '2025-11-13T00:00:00.000Z' };
const limits = { maxPayload: 1024 * 1024, entityNames: new Set(['Order']) };

describe('an envelope', () => {
  const head = {
    message_id: '4a3d2b1c-0000-4000-8000-000000000000',
    entity_type: 'Order',
    received_at: '2025-11-13T00:00:00.000Z',
  };

  test('is read back as it was written, whatever the source is called', () => {
    for (const source of [undefined, 'shop', 'a "quote"\n\\']) {
      const text = encodeEnvelope(source === undefined ? head : { ...head, source }, ' {"a":1.10} ');
      const decoded = decodeEnvelope(Buffer.from(text));
      expect(decoded).toEqual({
        ok: true,
        envelope: { ...head, ...(source && { source }), body: { a: 1.1 } },
      });
    }
  });

  test.each([
    [Buffer.from([0xff]), /^not JSON/],
    ['{', /^not JSON/],
    ['[]', /JSON object/],
    [{ ...head, message_id: '1', body: {} }, /message_id/],
    [{ ...head, entity_type: 'a b', body: {} }, /entity_type/],
    [{ ...head, received_at: 'now', body: {} }, /received_at/],
    [{ ...head, source: 1, body: {} }, /source/],
    [{ ...head, body: [] }, /body/],
  ])('that is none is refused: %j', (input, error) => {
    const bytes = Buffer.isBuffer(input)
      ? input
      : Buffer.from(typeof input === 'string' ? input : JSON.stringify(input));
    expect(decodeEnvelope(bytes)).toEqual({ ok: false, error: expect.stringMatching(error) });
  });
});

describe('a submission', () => {
  test('has a fresh id, or the id of its key', () => {
    const text = '{"entity_type":"Order"}';
    const [one, two] = [1, 2].map(() => prepareSubmission(text, context, limits));
    expect(one?.messageId).not.toBe(two?.messageId);
    expect(one?.deduplicationId).toBe(one?.messageId);
    const keyed = prepareSubmission(text, { ...context, idempotencyKey: 'k' }, limits);
    expect(keyed).toMatchObject({ messageId: idOfKey('k'), deduplicationId: 'k' });
    expect(idOfKey('k')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('takes the type of the body before that of the header', () => {
    const known = { ...limits, entityNames: new Set<string>() };
    const type = (text: string) =>
      prepareSubmission(text, { ...context, entityType: 'Header' }, known).entityType;
    expect(type('{"entity_type":"Body"}')).toBe('Body');
    expect(type('{}')).toBe('Header');
    expect(() => type('{"entity_type":7}')).toThrow(Problem);
  });

  test('leaves room for the headers of a dead letter', () => {
    const text = JSON.stringify({ entity_type: 'Order', comment: 'x'.repeat(1000) });
    expect(() => prepareSubmission(text, context, { ...limits, maxPayload: 5000 })).toThrow(/NATS takes 904/);
  });
});

describe('a dead letter', () => {
  const options = { stream: 'D', ingestPrefix: 'messages.ingest', deadLetterPrefix: 'messages.dlq' };

  test('goes where the message came from', () => {
    expect(deadLetterSubject('messages.ingest.Order', options)).toBe('messages.dlq.Order');
    expect(deadLetterSubject('messages.ingest.a.b', options)).toBe('messages.dlq.a.b');
    expect(deadLetterSubject('elsewhere.Order', options)).toBe('messages.dlq.Order');
  });

  test('has headers of one line', () => {
    const fields = deadLetterHeaders({
      ...{ stream: 'MESSAGES', sequence: 7, subject: 'messages.ingest.Order', deliveries: 3 },
      ...{ error: 'bad\r\nX: ü', data: new Uint8Array(), headers: undefined },
    });
    expect(fields.get('Dlq-Error')).toBe('bad\\u000d\\u000aX: \\u00fc');
    expect(fields.get('Dlq-Original-Sequence')).toBe('7');
  });
});

describe('redelivery', () => {
  test('waits as the consumer says', () => {
    const policy = { ackWait: 30_000, maxDeliver: 3, backoff: [100, 500] };
    expect([1, 2, 3, 9].map((delivery) => redeliveryDelay(policy, delivery))).toEqual([100, 500, 500, 500]);
    expect(redeliveryDelay({ ...policy, backoff: [] }, 1)).toBe(30_000);
    expect([2, 3, 4].map((delivery) => isLastDelivery(policy, delivery))).toEqual([false, true, true]);
    expect(isLastDelivery({ ...policy, maxDeliver: -1 }, 1000)).toBe(false);
  });
});

describe('an address of NATS', () => {
  /** What the client would send to log in; `nonce` is the server's. */
  const login = (variables: Parameters<typeof natsAddress>[0]) => {
    const { authenticator, ...rest } = natsAddress(variables);
    return { ...rest, login: (authenticator as ((nonce?: string) => unknown) | undefined)?.('nonce') };
  };
  const common = { ignoreClusterUpdates: true };

  test('is taken apart with its escapes undone', () => {
    expect(login({ NATS_URL: 'nats://pipe%20line:p%40ss%3Aw%2Frd@localhost:4333' })).toEqual({
      ...common,
      servers: ['localhost:4333'],
      login: { user: 'pipe line', pass: 'p@ss:w/rd' },
    });
    expect(login({ NATS_URL: 'nats://one,nats://two:99' })).toEqual({
      ...common,
      servers: ['one:4222', 'two:99'],
    });
    expect(login({ NATS_URL: 'nats://t0k%2Fen@one' })).toMatchObject({ login: { auth_token: 't0k/en' } });
  });

  test('has a key pair instead of a password, and replies of its own', () => {
    const seed = 'SUAEL6GG2L2HIF7DUGZJGMRUFKXELGGYFMHF76UO2AYBG3K4YLWR3FKC2Q';
    const address = login({
      NATS_URL: 'nats://one',
      NATS_NKEY_SEED: seed,
      NATS_INBOX_PREFIX: '_INBOX_api',
    });
    expect(address).toMatchObject({
      inboxPrefix: '_INBOX_api',
      login: { nkey: expect.stringMatching(/^U/) },
    });
    expect(JSON.stringify(address)).not.toContain(seed);
  });

  test('asks for TLS when the URL does, and reads the files that are named', () => {
    expect(natsAddress({ NATS_URL: 'tls://one' }).tls).toEqual({});
    expect(natsAddress({ NATS_URL: 'nats://one' }).tls).toBeUndefined();
    const here = import.meta.filename;
    const { tls } = natsAddress({ NATS_URL: 'tls://one', NATS_CA: here, NATS_CERT: here, NATS_KEY: here });
    expect(Object.keys(tls ?? {})).toEqual(['ca', 'cert', 'key']);
    expect(() => natsAddress({ NATS_URL: 'tls://one', NATS_CA: '/nowhere/ca.pem' })).toThrow(/ENOENT/);
  });
});

test('an error message is one line that Postgres can store', () => {
  expect(errorText(new Error(`a\0b\nc\ud800${'x'.repeat(2000)}`))).toMatch(/^a b c\ufffdx+$/);
});

describe('a group commit', () => {
  test('writes together what arrives while it writes, and answers each with its own', async () => {
    const groups: number[][] = [];
    let release = () => {};
    const commit = new GroupCommit<number, string>(
      async (items) => {
        groups.push([...items]);
        if (groups.length === 1) await new Promise<void>((resolve) => (release = resolve));
        return items.map(String);
      },
      { maxGroup: 3 },
    );
    const first = commit.add(1);
    await new Promise((resolve) => setImmediate(resolve));
    const others = [2, 3, 4, 5].map((item) => commit.add(item));
    release();
    expect(await Promise.all([first, ...others])).toEqual(['1', '2', '3', '4', '5']);
    expect(groups).toEqual([[1], [2, 3, 4], [5]]);
    await commit.idle();
  });

  test('fails its whole group and no other', async () => {
    const commit = new GroupCommit<number, number>(
      async (items) => {
        if (items.includes(1)) throw new Error('no');
        return [...items];
      },
      { maxGroup: 1 },
    );
    const results = await Promise.allSettled([commit.add(1), commit.add(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
