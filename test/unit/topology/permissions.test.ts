import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role, Topology } from '../../../src/topology/model.ts';
import { allows, permissionsOf } from '../../../src/topology/permissions.ts';
import { covers, intersects } from '../../../src/topology/subjects.ts';
import { type NatsUser, natsUsers } from '../../../src/topology/users.ts';
import { consumer, NO_ROLE, someAccount, someService, someTopology, stream } from '../../helpers/topology.ts';

const userOf = (topology: Topology, name: string): NatsUser => {
  const found = natsUsers(topology).find((user) => user.name === name);
  if (found === undefined) throw new Error(`no user ${name}`);
  return found;
};
const permissionsIn = (topology: Topology, name: string) => permissionsOf(userOf(topology, name), topology);
const withRole = (role: Partial<Role>, parts: Partial<Topology> = {}): Topology =>
  someTopology({
    accounts: [
      someAccount('$G', { users: [{ ...NO_ROLE, name: 'u', account: '$G', auth: 'password', ...role }] }),
    ],
    services: [],
    ...parts,
  });

describe('the least permissions of', () => {
  it('the shipped API are its subjects, their stream and its replies', () => {
    const topology = someTopology({
      services: [someService('api', { publishes: ['messages.ingest.>'] })],
    });
    expect(permissionsIn(topology, 'api')).toEqual({
      publish: {
        allow: ['messages.ingest.>', '$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.INFO.MESSAGES'],
        deny: [],
      },
      subscribe: { allow: ['_INBOX.>'], deny: [] },
      allowResponses: false,
    });
  });

  it('the shipped worker are its consumer, both forms of ack, the dead letters and the notices about them', () => {
    const permissions = permissionsIn(someTopology(), 'worker');
    expect(permissions?.publish.allow).toEqual([
      'messages.dlq.>',
      '$JS.API.INFO',
      '$JS.API.STREAM.NAMES',
      '$JS.API.STREAM.INFO.MESSAGESDLQ',
      '$JS.API.STREAM.INFO.MESSAGES',
      '$JS.API.CONSUMER.INFO.MESSAGES.workers',
      '$JS.API.CONSUMER.MSG.NEXT.MESSAGES.workers',
      '$JS.ACK.MESSAGES.workers.>',
      '$JS.ACK.*.*.MESSAGES.workers.>',
      '$JS.API.STREAM.MSG.GET.MESSAGES',
    ]);
    expect(permissions?.subscribe.allow).toEqual([
      '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.MESSAGES.workers',
      '_INBOX.>',
    ]);
  });

  it('somebody who serves are its subjects, and to answer what was asked', () => {
    expect(permissionsIn(withRole({ serves: ['users.lookup'] }), 'u')).toEqual({
      publish: { allow: [], deny: ['>'] },
      subscribe: { allow: ['users.lookup', '$SRV.>'], deny: [] },
      allowResponses: true,
    });
  });

  it('a declared user without a role are none, and of devenv itself and of a service that declares none all', () => {
    const topology = withRole({}, { services: [someService('mine')] });
    expect(permissionsIn(topology, 'u')).toEqual({
      publish: { allow: [], deny: ['>'] },
      subscribe: { allow: [], deny: ['>'] },
      allowResponses: false,
    });
    for (const name of ['devenv', 'monitor', 'mine']) expect(permissionsIn(topology, name)).toBeNull();
  });

  it('a service that makes its own stream and consumer are to make those', () => {
    const creates = { streams: [{ name: 'OWN' }], consumers: [{ stream: 'OWN', name: 'own' }] };
    const topology = someTopology({ services: [someService('mine', { creates })] });
    const permissions = permissionsIn(topology, 'mine');
    for (const verb of ['STREAM.CREATE.OWN', 'CONSUMER.CREATE.OWN.own', 'CONSUMER.DURABLE.CREATE.OWN.own'])
      expect(allows(permissions, 'publish', `$JS.API.${verb}`)).toBe(true);
    for (const verb of ['STREAM.DELETE.OWN', 'STREAM.UPDATE.OWN', 'STREAM.CREATE.MESSAGES'])
      expect(allows(permissions, 'publish', `$JS.API.${verb}`)).toBe(false);
  });

  it('an observer are to read the stream, with consumers of its own making, and not those that are declared', () => {
    const permissions = permissionsIn(withRole({ observes: ['MESSAGES'] }), 'u');
    const may = (subject: string) => allows(permissions, 'publish', subject);
    for (const verb of ['CREATE', 'MSG.NEXT', 'DELETE', 'INFO']) {
      expect(may(`$JS.API.CONSUMER.${verb}.MESSAGES.made-up_1`), verb).toBe(true);
      expect(may(`$JS.API.CONSUMER.${verb}.MESSAGES.workers`), verb).toBe(verb === 'INFO');
      expect(may(`$JS.API.CONSUMER.${verb}.MESSAGESDLQ.made-up_1`), verb).toBe(false);
    }
    expect(may('$JS.API.CONSUMER.CREATE.MESSAGES.workers.messages.ingest.>')).toBe(false);
    expect(may('$JS.API.CONSUMER.DURABLE.CREATE.MESSAGES.mine')).toBe(false);
    expect(may('$JS.FC.MESSAGES.made-up_1.x')).toBe(true);
    expect(may('$JS.FC.MESSAGES.workers.x')).toBe(false);
    const hears = (subject: string) => allows(permissions, 'subscribe', subject);
    expect(hears('$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.MESSAGES.workers')).toBe(true);
    expect(hears('$JS.EVENT.ADVISORY.STREAM.UPDATED.MESSAGES')).toBe(true);
    expect(hears('$JS.EVENT.METRIC.CONSUMER.ACK.MESSAGES.workers')).toBe(true);
    expect(hears('$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.MESSAGESDLQ.x')).toBe(false);
  });

  it('an observer who works one of its consumers, or makes it, are to do that too, and no more of it', () => {
    const works = [{ stream: 'MESSAGES', consumer: 'workers' }];
    const worker = permissionsIn(withRole({ observes: ['MESSAGES'], works }), 'u');
    expect(allows(worker, 'publish', '$JS.API.CONSUMER.MSG.NEXT.MESSAGES.workers')).toBe(true);
    for (const verb of ['CREATE', 'DELETE'])
      expect(allows(worker, 'publish', `$JS.API.CONSUMER.${verb}.MESSAGES.workers`), verb).toBe(false);
    const creates = { streams: [], consumers: [{ stream: 'MESSAGES', name: 'mine' }] };
    const services = ['maker', 'other'].map((name) =>
      someService(name, { observes: ['MESSAGES'], ...(name === 'maker' && { creates }) }),
    );
    for (const [name, may] of [
      ['maker', true],
      ['other', false],
    ] as const) {
      const permissions = permissionsIn(someTopology({ services }), name);
      expect(allows(permissions, 'publish', '$JS.API.CONSUMER.CREATE.MESSAGES.mine'), name).toBe(may);
      expect(allows(permissions, 'publish', '$JS.API.CONSUMER.DELETE.MESSAGES.mine'), name).toBe(false);
    }
  });

  it('an observer of a work queue, or of what is kept for interest only, are to look: a reader would change it', () => {
    for (const retention of ['workqueue', 'interest'] as const) {
      const streams = [{ ...stream('MESSAGES', 'messages.>'), retention }];
      const permissions = permissionsIn(withRole({ observes: ['MESSAGES'] }, { streams }), 'u');
      for (const subject of ['CREATE.MESSAGES', 'CREATE.MESSAGES.mine', 'MSG.NEXT.MESSAGES.mine'])
        expect(allows(permissions, 'publish', `$JS.API.CONSUMER.${subject}`), subject).toBe(false);
      expect(allows(permissions, 'publish', '$JS.API.STREAM.MSG.GET.MESSAGES')).toBe(true);
    }
  });

  it('who publishes to, or works a consumer of, what a service creates are the same as of what is declared', () => {
    const creates = {
      streams: [{ name: 'OWN', subjects: ['own.>'] }],
      consumers: [{ stream: 'OWN', name: 'own', maxDeliver: 3 }],
    };
    const services = [
      someService('maker', { creates }),
      someService('user', { publishes: ['own.new'], works: [{ stream: 'OWN', consumer: 'own' }] }),
    ];
    const permissions = permissionsIn(someTopology({ services }), 'user');
    expect(allows(permissions, 'publish', '$JS.API.STREAM.INFO.OWN')).toBe(true);
    expect(allows(permissions, 'publish', '$JS.API.STREAM.MSG.GET.OWN')).toBe(true);
    expect(allows(permissions, 'subscribe', '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.OWN.own')).toBe(true);
  });

  it('a wildcard at the front leave what NATS says to itself alone, but for what the role needs of it', () => {
    const permissions = permissionsIn(
      withRole({ publishes: ['>'], subscribes: ['>'], observes: ['MESSAGES'] }),
      'u',
    );
    for (const subject of ['orders.new', '$JS.API.STREAM.INFO.MESSAGES'])
      expect(allows(permissions, 'publish', subject)).toBe(true);
    for (const subject of [
      '$JS.API.STREAM.DELETE.MESSAGES',
      '$JS.API.STREAM.PURGE.MESSAGES',
      '$JS.API.CONSUMER.DELETE.MESSAGES.workers',
      '$JS.ACK.MESSAGES.workers.1.1.1.1.1',
      '$SYS.REQ.SERVER.PING',
    ])
      expect(allows(permissions, 'publish', subject)).toBe(false);
    expect(allows(permissions, 'subscribe', '$JS.ACK.>')).toBe(false);
  });
});

/** Names and subjects from a small alphabet, so that they meet. */
const word = fc.constantFrom('a', 'b', 'c');
const pattern = fc
  .tuple(fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([words, open]) => [...words, ...(open ? ['>'] : [])].join('.'))
  .filter((text) => !text.startsWith('*'));
const patterns = fc.array(pattern, { maxLength: 2 });
const role = fc.record({
  publishes: patterns,
  subscribes: patterns,
  requests: patterns,
  serves: patterns,
  observes: fc.subarray(['A', 'B']),
  works: fc.subarray([
    { stream: 'A', consumer: 'one' },
    { stream: 'B', consumer: 'two' },
  ]),
  inboxPrefix: fc.constantFrom('_INBOX', '_INBOX_u'),
});
const subject = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('.'));
const verb = fc.constantFrom(
  ...['STREAM.INFO', 'STREAM.DELETE', 'STREAM.PURGE', 'STREAM.UPDATE', 'STREAM.CREATE', 'STREAM.MSG.GET'],
  ...['CONSUMER.INFO', 'CONSUMER.MSG.NEXT', 'CONSUMER.DELETE', 'CONSUMER.CREATE', 'DIRECT.GET'],
);

/** The streams and the consumer that a subject of the API is about. */
const target = fc.tuple(verb, fc.constantFrom('A', 'B', 'C'), fc.constantFrom('one', 'two'));

describe('whatever the role', () => {
  const declare = (parts: Partial<Role>) =>
    withRole(parts, {
      streams: [stream('A', 'a.>'), stream('B', 'b.*'), stream('C', 'c.>')],
      consumers: [consumer('A', 'one'), consumer('B', 'two', { maxDeliver: -1 }), consumer('C', 'one')],
    });

  it('a subject is open when one of its intents covers it, and no other', () => {
    fc.assert(
      fc.property(role, subject, (parts, text) => {
        const permissions = permissionsIn(declare(parts), 'u');
        const covered = (list: readonly string[]) => list.some((one) => covers(one, text));
        expect(allows(permissions, 'publish', text)).toBe(
          covered(parts.publishes) || covered(parts.requests),
        );
        expect(allows(permissions, 'subscribe', text)).toBe(
          covered(parts.subscribes) || covered(parts.serves),
        );
      }),
    );
  });

  it("JetStream's API is open as far as it works, observes or publishes, and no further", () => {
    fc.assert(
      fc.property(role, target, (parts, [what, name, durable]) => {
        const topology = declare(parts);
        const permissions = permissionsIn(topology, 'u');
        const works = parts.works.some((work) => work.stream === name && work.consumer === durable);
        const observes = parts.observes.includes(name);
        const subjects = topology.streams.find((one) => one.name === name)?.subjects ?? [];
        const publishes = subjects.some((one) => parts.publishes.some((other) => intersects(one, other)));
        const declared = topology.consumers.some((one) => one.stream === name && one.name === durable);
        const follows = observes && !declared;
        const expected: Record<string, boolean> = {
          'STREAM.INFO': observes || publishes || parts.works.some((work) => work.stream === name),
          'STREAM.MSG.GET': observes || (name === 'A' && parts.works.some((work) => work.stream === 'A')),
          'DIRECT.GET': observes,
          'CONSUMER.INFO': observes || works,
          'CONSUMER.MSG.NEXT': works || follows,
          'CONSUMER.CREATE': follows,
          'CONSUMER.DELETE': follows,
        };
        const ofConsumer = what.startsWith('CONSUMER');
        const text = `$JS.API.${what}.${name}${ofConsumer ? `.${durable}` : ''}`;
        expect(allows(permissions, 'publish', text)).toBe(expected[what] ?? false);
        for (const ack of [
          `$JS.ACK.${name}.${durable}.1.2.3.4.5`,
          `$JS.ACK._.h.${name}.${durable}.1.2.3.4.5`,
        ])
          expect(allows(permissions, 'publish', ack)).toBe(works);
      }),
    );
  });

  it('replies come under its own prefix alone, and only when it asks for something', () => {
    fc.assert(
      fc.property(role, (parts) => {
        const permissions = permissionsIn(declare(parts), 'u');
        const { publishes, requests, works, observes } = parts;
        const asks = [publishes, requests, works, observes].some((part) => part.length > 0);
        const other = parts.inboxPrefix === '_INBOX' ? '_INBOX_u' : '_INBOX';
        expect(allows(permissions, 'subscribe', `${parts.inboxPrefix}.x.*`)).toBe(asks);
        expect(allows(permissions, 'subscribe', `${other}.x.*`)).toBe(false);
      }),
    );
  });
});
