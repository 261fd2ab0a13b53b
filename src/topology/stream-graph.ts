import type { Actor } from './actors.ts';
import { type Flow, FlowIndex } from './flow-index.ts';
import type { CreatedStream, Stream, StreamFamily, Topology } from './model.ts';
import { withStar, withStarsOf } from './subjects.ts';

/** A stream, or all streams of a family, with everything before and behind it. */
export interface StreamNode {
  name: string;
  /** What the placeholder stands for; absent for a single stream. */
  members?: readonly string[];
  /** As declared, with the placeholder. */
  subjects: readonly string[];
  /** The same with `*` for the placeholder. */
  captures: readonly string[];
  storage?: Stream['storage'];
  retention?: Stream['retention'];
  maxBytes?: number;
  maxAge?: number;
  replicas?: number;
  /** Services whose own code creates it and that devenv does not. */
  createdBy?: readonly string[];
  publishers: readonly Flow[];
  consumers: readonly ConsumerNode[];
  /** Who reads it without a consumer of its own. */
  observers: readonly Pick<Flow, 'kind' | 'name'>[];
}

export interface ConsumerNode {
  name: string;
  /** Empty = every subject of the stream. */
  filterSubjects: readonly string[];
  createdBy?: readonly string[];
  workers: readonly Pick<Flow, 'kind' | 'name'>[];
}

/** Single streams, families, then what only services create; each in the order of declaration. */
export function streamGraph(topology: Topology, account: string, actors: readonly Actor[]): StreamNode[] {
  const publishers = new FlowIndex(actors, 'publishes');
  const own = topology.streams.filter((stream) => stream.account === account);
  const readers = new Readers(topology, account, actors);
  const behind = (names: readonly string[], captures: readonly string[]) => ({
    captures,
    publishers: publishers.crossing(captures),
    consumers: readers.consumers(names),
    observers: readers.observers(names),
  });
  const single = (stream: Stream): StreamNode => ({
    name: stream.name,
    subjects: stream.subjects,
    ...settings(stream),
    ...behind([stream.name], stream.subjects),
  });
  const family = ({ name, members, placeholder, pattern }: StreamFamily): StreamNode => {
    const names = own.filter((stream) => stream.family === name).map((stream) => stream.name);
    const captures = pattern.subjects.map((subject) => withStar(subject, placeholder));
    return {
      name,
      members,
      subjects: pattern.subjects,
      ...settings(pattern),
      ...behind([name, ...names], captures),
    };
  };
  return [
    ...own.filter((stream) => stream.family === undefined).map(single),
    ...topology.families.filter(({ pattern }) => pattern.account === account).map(family),
    ...created(topology, account, new Set(own.map(({ name }) => name))).map(
      ([name, { streams, createdBy }]): StreamNode => {
        const subjects = [...new Set(streams.flatMap((stream) => stream.subjects ?? []))];
        const captures = subjects.map((subject) => withStarsOf(name, subject));
        return { name, subjects, createdBy, ...behind([name], captures) };
      },
    ),
  ];
}

const settings = ({ storage, retention, maxBytes, maxAge, replicas }: Stream) => ({
  storage,
  retention,
  maxBytes,
  maxAge,
  replicas,
});

/** Streams that services create and nobody declares, by name. */
function created(
  { services }: Topology,
  account: string,
  declared: ReadonlySet<string>,
): [string, { streams: CreatedStream[]; createdBy: string[] }][] {
  const found = new Map<string, { streams: CreatedStream[]; createdBy: string[] }>();
  for (const service of services.filter((one) => one.account === account)) {
    for (const stream of service.creates.streams) {
      if (declared.has(stream.name)) continue;
      const { streams, createdBy } = found.get(stream.name) ?? { streams: [], createdBy: [] };
      found.set(stream.name, { streams: [...streams, stream], createdBy: [...createdBy, service.name] });
    }
  }
  return [...found];
}

/** Who reads from which stream, found by the name of the stream. */
class Readers {
  readonly #consumers = new Map<
    string,
    (Pick<ConsumerNode, 'name' | 'filterSubjects'> & { createdBy?: string })[]
  >();
  readonly #workers = new Map<string, Actor[]>();
  readonly #observers = new Map<string, Actor[]>();

  constructor({ consumers, services }: Topology, account: string, actors: readonly Actor[]) {
    for (const { account: at, stream, name, filterSubjects } of consumers)
      if (at === account) push(this.#consumers, stream, { name, filterSubjects });
    for (const { name: createdBy, account: at, creates } of services)
      for (const { stream, name, filterSubjects = [] } of at === account ? creates.consumers : [])
        push(this.#consumers, stream, { name, filterSubjects, createdBy });
    for (const actor of actors) {
      for (const { stream, consumer } of actor.role.works)
        push(this.#workers, `${stream}/${consumer}`, actor);
      for (const stream of actor.role.observes) push(this.#observers, stream, actor);
    }
  }

  /** Those of a family's members once, whatever number of members there is. */
  consumers(streams: readonly string[]): ConsumerNode[] {
    const nodes = new Map<string, { filterSubjects: readonly string[]; createdBy?: string[] }>();
    for (const { name, filterSubjects, createdBy } of streams.flatMap(
      (one) => this.#consumers.get(one) ?? [],
    )) {
      const known = nodes.get(name);
      if (known !== undefined) known.filterSubjects = asOne(known.filterSubjects, filterSubjects);
      if (known === undefined)
        nodes.set(name, { filterSubjects, ...(createdBy !== undefined && { createdBy: [createdBy] }) });
      else if (createdBy !== undefined && known.createdBy?.includes(createdBy) === false)
        known.createdBy.push(createdBy);
    }
    return [...nodes].map(([name, node]) => ({
      name,
      ...node,
      workers: titles(streams.flatMap((stream) => this.#workers.get(`${stream}/${name}`) ?? [])),
    }));
  }

  observers = (streams: readonly string[]) =>
    titles(streams.flatMap((stream) => this.#observers.get(stream) ?? []));
}

/** Filters of two members of a family, with a star for each word in which they differ. */
const asOne = (filters: readonly string[], others: readonly string[]): readonly string[] =>
  filters.map((filter, index) => {
    const words = (others[index] ?? filter).split('.');
    return filter
      .split('.')
      .map((word, at) => (word === words[at] ? word : '*'))
      .join('.');
  });

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const titles = (actors: readonly Actor[]) => [...new Set(actors)].map(({ kind, name }) => ({ kind, name }));
