import type { Consumer, CreatedConsumer, Service, Stream, Topology } from './model.ts';
import { intersects } from './subjects.ts';
import type { NatsUser } from './users.ts';

/** Subjects of JetStream and of the services framework that a role takes beside those it names itself. Patterns. */
export interface RoleSubjects {
  publish: readonly string[];
  /** Within `publish`, what it may do to consumers of its own making, and not to those that are declared. */
  publishNot: readonly string[];
  subscribe: readonly string[];
}

/** `services` are those that log in as the user. */
export function roleSubjects(user: NatsUser, topology: Topology, services: readonly Service[]): RoleSubjects {
  const around = surroundings(user, topology);
  const captured = around.streams.filter(({ subjects = [] }) =>
    subjects.some((pattern) => user.publishes.some((subject) => intersects(pattern, subject))),
  );
  const works = user.works.map(({ stream, consumer }) => ({
    stream,
    consumer,
    isGivenUp: around.consumers.some((one) => one.stream === stream && one.name === consumer && givesUp(one)),
  }));
  const named = [...works.flatMap(working), ...services.flatMap(creating)];
  const consumersOf = (name: string) => around.consumers.filter(({ stream }) => stream === name);
  const followed = user.observes.filter((name) =>
    mayBeFollowed(around.streams.find((one) => one.name === name)),
  );
  return {
    publish: [
      ...captured.flatMap(({ name }) => publishing(name)),
      ...named,
      ...user.observes.flatMap(observing),
      ...followed.flatMap(following),
    ],
    publishNot: followed
      .flatMap(consumersOf)
      .flatMap(({ stream, name }) => reading(stream, name))
      .filter((subject) => !named.includes(subject)),
    subscribe: [
      ...works.flatMap(hearingOfGivenUp),
      ...user.observes.flatMap(hearingOf),
      ...(user.serves.length > 0 ? ['$SRV.>'] : []),
    ],
  };
}

/** Streams and consumers of the user's account, declared ones and those that services create. */
function surroundings({ account }: NatsUser, topology: Topology) {
  const creators = topology.services.filter((service) => service.account === account);
  return {
    streams: [
      ...topology.streams.filter((stream) => stream.account === account),
      ...creators.flatMap(({ creates }) => creates.streams),
    ],
    consumers: [
      ...topology.consumers.filter((consumer) => consumer.account === account),
      ...creators.flatMap(({ creates }) => creates.consumers),
    ],
  };
}

const givesUp = ({ maxDeliver = -1 }: Consumer | CreatedConsumer): boolean => maxDeliver > 0;

/** A reader of one's own keeps messages of an interest stream from going, and takes them from a work queue. */
const mayBeFollowed = (stream: Partial<Stream> | undefined): boolean =>
  stream?.retention === undefined || stream.retention === 'limits';

/** Clients look which stream keeps a subject before they publish, or to explain why none does. */
const publishing = (stream: string): string[] => [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  `$JS.API.STREAM.INFO.${stream}`,
];

interface Worked {
  stream: string;
  consumer: string;
  /** A message can be given up, after so many deliveries. */
  isGivenUp: boolean;
}

/** Newer servers put the domain and a hash of the account before the stream's name in the subject of an ack. */
const working = ({ stream, consumer, isGivenUp }: Worked): string[] => [
  '$JS.API.INFO',
  // Clients of several languages come to a consumer by way of its stream.
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.CONSUMER.INFO.${stream}.${consumer}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
  `$JS.ACK.${stream}.${consumer}.>`,
  `$JS.ACK.*.*.${stream}.${consumer}.>`,
  ...(isGivenUp ? [`$JS.API.STREAM.MSG.GET.${stream}`] : []),
];

/** Only notices tell of a message that was given up, by its sequence: the worker reads it off the stream. */
const hearingOfGivenUp = ({ stream, consumer, isGivenUp }: Worked): string[] =>
  isGivenUp ? [`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${consumer}`] : [];

const observing = (stream: string): string[] => [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.>`,
  `$JS.API.CONSUMER.NAMES.${stream}`,
  `$JS.API.CONSUMER.LIST.${stream}`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
];

/** What the servers tell of a stream and its consumers. */
const hearingOf = (stream: string): string[] => [
  `$JS.EVENT.ADVISORY.*.*.${stream}`,
  `$JS.EVENT.ADVISORY.*.*.${stream}.>`,
  `$JS.EVENT.METRIC.*.*.${stream}.>`,
];

/**
 * An ordered consumer, as clients read a stream or watch a bucket: made, read and deleted under a name that the client
 * invents. https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-17.md
 */
const following = (stream: string): string[] => [
  `$JS.API.CONSUMER.CREATE.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  `$JS.API.CONSUMER.DELETE.${stream}.*`,
  // Answers to the server's flow control, of a consumer that pushes.
  `$JS.FC.${stream}.>`,
];

/** The same of one consumer, by its name. */
const reading = (stream: string, consumer: string): string[] => [
  `$JS.API.CONSUMER.CREATE.${stream}.${consumer}`,
  `$JS.API.CONSUMER.CREATE.${stream}.${consumer}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
  `$JS.API.CONSUMER.DELETE.${stream}.${consumer}`,
  `$JS.FC.${stream}.${consumer}.>`,
];

/** What its own code creates at start, and looks for first. Never update or delete: that could lose messages. */
const creating = ({ creates }: Service): string[] => [
  ...creates.streams.flatMap(({ name }) => [
    '$JS.API.INFO',
    '$JS.API.STREAM.NAMES',
    `$JS.API.STREAM.INFO.${name}`,
    `$JS.API.STREAM.CREATE.${name}`,
  ]),
  ...creates.consumers.flatMap(({ stream, name }) => [
    '$JS.API.INFO',
    `$JS.API.CONSUMER.INFO.${stream}.${name}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${name}`,
    // With one filter the newer form has it in the subject; with several only the older form will do.
    `$JS.API.CONSUMER.CREATE.${stream}.${name}.>`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${name}`,
  ]),
];
