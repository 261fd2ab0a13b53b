import { describe, expect, it } from 'vitest';
import { topologyGraph } from '../../../../src/topology/graph.ts';
import type { Topology } from '../../../../src/topology/model.ts';
import {
  consumer,
  NO_ROLE,
  someAccount,
  someService,
  someTopology,
  stream,
} from '../../../helpers/topology.ts';

const empty = { streams: [], consumers: [], services: [] };
const graph = (parts: Partial<Topology>) => topologyGraph(someTopology({ ...empty, ...parts })).accounts;

describe('the graph of a topology', () => {
  it('puts the shipped pipeline around its streams', () => {
    const [account] = topologyGraph(someTopology()).accounts;
    expect(account).toMatchObject({
      account: '$G',
      streams: [
        {
          name: 'MESSAGES',
          publishers: [{ kind: 'service', name: 'api', subjects: ['messages.ingest.>'] }],
          consumers: [{ name: 'workers', workers: [{ kind: 'service', name: 'worker' }] }],
          observers: [{ kind: 'service', name: 'api' }],
        },
        {
          name: 'MESSAGESDLQ',
          publishers: [{ name: 'worker', subjects: ['messages.dlq.>'] }],
          consumers: [],
        },
      ],
      core: [],
      requests: [],
      unheard: [],
    });
  });

  it('keeps accounts apart: the same subject in two of them never meets', () => {
    const accounts = graph({
      accounts: [someAccount('A'), someAccount('B')],
      streams: [{ ...stream('S', 'x.>'), account: 'A' }],
      services: [
        someService('inside', { account: 'A', publishes: ['x.1'] }),
        someService('outside', { account: 'B', publishes: ['x.1'] }),
      ],
    });
    expect(accounts[0]).toMatchObject({ streams: [{ publishers: [{ name: 'inside' }] }], unheard: [] });
    expect(accounts[1]).toMatchObject({ streams: [], unheard: [{ name: 'outside', subjects: ['x.1'] }] });
  });

  it('draws a family once, with its members and the consumers that each of them has', () => {
    const pattern = stream('chat_{channel}', 'chat.{channel}.>');
    const member = (name: string) => ({
      ...stream(`chat_${name}`, `chat.${name}.>`),
      family: 'chat_{channel}',
    });
    const [account] = graph({
      streams: [member('a'), member('b')],
      families: [{ name: 'chat_{channel}', placeholder: 'channel', members: ['a', 'b'], atMost: 9, pattern }],
      consumers: [consumer('chat_a', 'mods'), consumer('chat_b', 'mods')],
      services: [
        someService('gateway', { publishes: ['chat.*.new'] }),
        someService('moderator', { works: [{ stream: 'chat_b', consumer: 'mods' }] }),
      ],
    });
    expect(account?.streams).toMatchObject([
      {
        name: 'chat_{channel}',
        members: ['a', 'b'],
        captures: ['chat.*.>'],
        publishers: [{ name: 'gateway' }],
        consumers: [{ name: 'mods', workers: [{ name: 'moderator' }] }],
      },
    ]);
  });

  it('shows what only a service creates, and not what is declared as well', () => {
    const creates = {
      streams: [{ name: 'OWN', subjects: ['own.>'] }, { name: 'S' }],
      consumers: [{ stream: 'S', name: 'late', filterSubjects: ['s.1'] }],
    };
    const [account] = graph({ streams: [stream('S', 's.>')], services: [someService('app', { creates })] });
    expect(account?.streams).toMatchObject([
      { name: 'S', consumers: [{ name: 'late', createdBy: ['app'], filterSubjects: ['s.1'] }] },
      { name: 'OWN', createdBy: ['app'], subjects: ['own.>'] },
    ]);
    expect(account?.streams[0]).not.toHaveProperty('createdBy');
  });

  it('pairs core publishers with subscribers, and requests with answers', () => {
    const [account] = graph({
      coreSubjects: ['chat.*.typing', 'unused'],
      services: [
        someService('gateway', { publishes: ['chat.*.typing', 'nowhere'], requests: ['who.is', 'void'] }),
        someService('realtime', { subscribes: ['chat.7.*', 'presence.>'], serves: ['who.*'] }),
      ],
    });
    expect(account?.core).toMatchObject([
      { subject: 'chat.*.typing', publishers: [{ name: 'gateway' }], subscribers: [{ name: 'realtime' }] },
      { subject: 'unused', publishers: [], subscribers: [] },
      { subject: 'presence.>', declared: false, publishers: [], subscribers: [{ name: 'realtime' }] },
    ]);
    expect(account?.requests).toMatchObject([
      {
        subject: 'who.*',
        requesters: [{ name: 'gateway', subjects: ['who.is'] }],
        servers: [{ name: 'realtime' }],
      },
      { subject: 'void', servers: [] },
    ]);
    expect(account?.unheard).toEqual([{ kind: 'service', name: 'gateway', subjects: ['nowhere'] }]);
  });

  it('draws a core subject where it is used, and one that nobody uses in the first account', () => {
    const accounts = graph({
      accounts: [someAccount('A'), someAccount('B')],
      coreSubjects: ['used', 'unused'],
      services: [someService('b', { account: 'B', publishes: ['used'] })],
    });
    expect(accounts.map(({ core }) => core.map(({ subject }) => subject))).toEqual([['unused'], ['used']]);
  });

  it('knows users that are not services', () => {
    const user = { ...NO_ROLE, name: 'reporting', account: '$G', auth: 'nkey' as const, observes: ['S'] };
    const [account] = graph({
      accounts: [someAccount('$G', { users: [user] })],
      streams: [stream('S', 's')],
    });
    expect(account?.streams[0]?.observers).toEqual([{ kind: 'user', name: 'reporting' }]);
  });

  it('has no account for a topology in which nothing flows', () => {
    expect(graph({})).toEqual([]);
  });

  it('takes a moment for thousands of streams and services', () => {
    const many = Array.from({ length: 3000 }, (_, index) => index);
    const started = performance.now();
    const [account] = graph({
      streams: many.map((index) => stream(`S${index}`, `a.${index}.>`)),
      services: many.map((index) => someService(`s${index}`, { publishes: [`a.${index}.b`] })),
    });
    expect(account?.streams[2999]?.publishers).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
