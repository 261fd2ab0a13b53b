import { JetStreamApiError } from '@nats-io/jetstream';
import { describe, expect, it } from 'vitest';
import { natsFailure } from '../../../../src/adapters/nats/failures.ts';
import { connectNats } from '../../../../src/adapters/nats.ts';
import { explain } from '../../../../src/doctor/explain.ts';
import { jetStreamErrors } from '../../../../src/doctor/jetstream-errors.ts';
import type { DevenvError } from '../../../../src/errors.ts';
import { natsAccess } from '../../../../src/render/environment.ts';
import { natsServers } from '../../../helpers/nats-servers.ts';
import { consumer, someService, stream } from '../../../helpers/topology.ts';
import { Stand, smallTopology, until } from './stand.ts';

const servers = await natsServers();
const signal = new AbortController().signal;
const MIB = 1024 ** 2;

/** What `devenv explain` is asked for in a hint. */
const explained = (hint: string | undefined): string[] =>
  [...(hint ?? '').matchAll(/`devenv explain (\w+)`/g)].map(([, about = '']) => about);

const failureOf = async (work: Promise<unknown>): Promise<DevenvError> =>
  work.then(
    () => expect.fail('it worked'),
    (error: DevenvError) => error,
  );

describe.each(servers)('nats-server $version: what the client says is translated', (binary) => {
  const topology = smallTopology({
    streams: [{ ...stream('ORDERS', 'orders.>'), maxBytes: MIB }],
    consumers: [consumer('ORDERS', 'workers')],
    services: [someService('worker', { works: [{ stream: 'ORDERS', consumer: 'workers' }] })],
  });

  it('a subject that no stream captures, and a user who may not ask', async () => {
    await using stand = await Stand.start(binary, topology);
    await stand.client();
    const as = (user: string) =>
      connectNats(natsAccess(stand.deployment, user, 'host'), { signal, timeoutMs: 20_000 });
    await using client = await as('devenv');
    const uncaptured = await failureOf(client.publish('nowhere.x', 'a'));
    expect(uncaptured.message).toBe('cannot publish to nowhere.x: no stream captures the subject nowhere.x');
    expect(explained(uncaptured.hint)).toEqual(['S04']);

    await client.createStream(topology.streams[0]!);
    await using worker = await as('worker');
    const denied = await failureOf(worker.deleteStream('ORDERS'));
    expect(denied.message).toContain('the user is not permitted to publish to $JS.API.STREAM.DELETE.ORDERS');
    expect(explained(denied.hint)).toEqual(['A04']);

    const secrets = stand.deployment.secrets.nats as Record<string, unknown>;
    secrets.worker = { kind: 'password', password: 'old' };
    expect(explained((await failureOf(as('worker'))).hint)).toEqual(['A01']);
  });

  it('a user without an inbox: the answer is refused, and the message is stored', async () => {
    await using stand = await Stand.start(binary, topology, {
      changed: (conf) =>
        conf.replaceAll('"_INBOX.>"', '"_INBOX.*"').replaceAll('"$JS.API.INFO"', '"orders.>"'),
    });
    const { manager } = await stand.jetstream();
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_bytes: MIB });
    await using worker = await connectNats(natsAccess(stand.deployment, 'worker', 'host'), {
      signal,
      timeoutMs: 2_000,
    });
    const ghost = await failureOf(worker.publish('orders.new', 'a'));
    expect(ghost.message).toContain('the user is not permitted to subscribe to _INBOX.');
    expect(explained(ghost.hint)).toEqual(['A02']);
  });

  it('JetStream that is off', async () => {
    await using stand = await Stand.start(binary, smallTopology(), {
      changed: (conf) => conf.replace(/^jetstream \{[\s\S]*?^\}/m, ''),
    });
    await stand.client();
    await until(async () => {
      await using client = await connectNats(natsAccess(stand.deployment, 'devenv', 'host'), {
        signal,
        timeoutMs: 2_000,
      });
      const off = await failureOf(client.listStreams());
      expect(off.message).toBe('cannot list the streams: JetStream is not enabled on the server');
      expect(explained(off.hint)).toEqual(['E09']);
    });
  });
});

describe('every hint', () => {
  it('names something that `devenv explain` knows, whatever code the server gives', () => {
    const codes = jetStreamErrors().map(({ code, status, text }) => ({
      code: status,
      err_code: code,
      description: text,
    }));
    expect(codes.length).toBeGreaterThan(100);
    for (const error of codes) {
      const asked = explained(natsFailure(new JetStreamApiError(error), 'try').hint);
      expect(asked).toHaveLength(1);
      expect(explain(asked[0]!), `${asked[0]} for ${error.err_code}`).toBeDefined();
    }
    for (const id of ['A01', 'A02', 'A04', 'A05', 'A10', 'E09', 'S04'])
      expect(explain(id)?.rules[0]?.id, id).toBe(id);
  });
});
