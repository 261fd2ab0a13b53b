import { describe, expect, it } from 'vitest';
import { manifestConsumers } from '../../../../src/doctor/written/manifest-consumers.ts';
import { apiStreams, manifestStreams } from '../../../../src/doctor/written/manifest-streams.ts';
import { yamlTexts } from '../../../../src/doctor/yaml-texts.ts';

const streamsOf = (text: string) =>
  yamlTexts('it.yaml', text).flatMap((document) => manifestStreams(document, '$G'));
const consumersOf = (text: string) => yamlTexts('it.yaml', text).flatMap(manifestConsumers);

const API_STREAM = { name: 'ORDERS', subjects: ['orders.>'], max_age: 90_000_000_000, num_replicas: 3 };
const API_CONSUMER = { durable_name: 'billing', ack_policy: 'explicit', ack_wait: 1_500_000_000 };

describe('a stream for another tool', () => {
  it.each([
    ['alone', API_STREAM],
    ['in a list', [API_STREAM]],
    ['as config of something', { config: API_STREAM, state: { messages: 3 } }],
    ['in the answer to a listing', { total: 1, streams: [{ config: API_STREAM }] }],
  ])('is read %s', (_, value) => {
    const [stream, ...others] = streamsOf(JSON.stringify(value));
    expect(others).toEqual([]);
    expect(stream).toMatchObject({ name: 'ORDERS', fields: { maxAge: 90_000, replicas: 3 } });
    expect([stream!.spelling('replicas'), stream!.duration(1_500)]).toEqual(['num_replicas', '1500000000']);
    expect([stream!.isWritten('maxAge'), stream!.isWritten('maxBytes')]).toEqual([true, false]);
    expect(stream!.scalar('maxAge')?.text).toBe('90000000000');
  });

  it('is read as a resource of the JetStream controller, in its words', () => {
    const [stream] = streamsOf(
      'apiVersion: jetstream.nats.io/v1beta2\nkind: Stream\nspec:\n  name: ORDERS\n  maxAge: 1h30m\n  replicas: 3\n',
    );
    expect(stream!.fields).toMatchObject({ subjects: ['ORDERS'], maxAge: 5_400_000, replicas: 3 });
    expect([stream!.spelling('maxAge'), stream!.duration(5_400_000)]).toEqual(['maxAge', '1h30m']);
    expect(stream!.place('maxAge')).toEqual({ kind: 'file', file: 'it.yaml', line: 5, column: 11 });
    expect(
      yamlTexts('it.yaml', 'apiVersion: jetstream.nats.io/v1\nkind: Stream\n').flatMap(apiStreams),
    ).toEqual([]);
  });

  it.each([
    ['a Deployment', 'apiVersion: apps/v1\nkind: Deployment\nspec: {name: ORDERS, subjects: [a]}\n'],
    ['one word that a stream has as well', 'name: cache\nstorage: file\n'],
    ['a consumer', JSON.stringify({ stream_name: 'ORDERS', config: API_CONSUMER })],
  ])('is not seen in %s', (_, text) => {
    expect(streamsOf(text)).toEqual([]);
  });
});

describe('a consumer for another tool', () => {
  it.each([
    ['alone', { ...API_CONSUMER, stream_name: 'ORDERS' }],
    ['with its stream around it', { stream_name: 'ORDERS', config: API_CONSUMER }],
    ['in the answer to a listing', { consumers: [{ stream_name: 'ORDERS', config: API_CONSUMER }] }],
  ])('is read %s', (_, value) => {
    const [consumer, ...others] = consumersOf(JSON.stringify(value));
    expect(others).toEqual([]);
    expect(consumer).toMatchObject({ title: 'consumer ORDERS/billing', durable: true, delivery: 'pull' });
    expect(consumer!.fields).toEqual({ filterSubjects: [], ackPolicy: 'explicit', ackWait: 1_500 });
    expect(consumer!.scalar('ackWait')?.text).toBe('1500000000');
  });

  it('is read as a resource of the JetStream controller, in its words', () => {
    const [consumer] = consumersOf(
      'apiVersion: jetstream.nats.io/v1beta2\nkind: Consumer\nspec:\n  streamName: ORDERS\n  durableName: billing\n' +
        '  heartbeatInterval: 5s\n  filterSubject: orders.paid\n  deliverSubject: push.here\n  backoff: [1s, 2s]\n',
    );
    expect(consumer).toMatchObject({ streams: ['ORDERS'], name: 'billing', delivery: 'push' });
    expect(consumer!.fields).toEqual({
      filterSubjects: ['orders.paid'],
      idleHeartbeat: 5_000,
      backoff: [1_000, 2_000],
    });
    // The field that is written there, not the one of several filters.
    expect([consumer!.spelling('filterSubjects'), consumer!.spelling('idleHeartbeat')]).toEqual([
      'filterSubject',
      'heartbeatInterval',
    ]);
    expect(consumer!.place('name')).toMatchObject({ line: 5 });
  });

  it('has no delay that it does not understand', () => {
    const [consumer] = consumersOf(JSON.stringify({ ...API_CONSUMER, backoff: [1_000_000, 'soon'] }));
    expect(consumer!.fields).not.toHaveProperty('backoff');
  });
});
