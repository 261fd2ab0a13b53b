import { isMemberOf } from '../../../topology/budget.ts';
import { nearest } from '../../../topology/nearest.ts';
import type { DeclaredProject, StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { missingLive } from '../../live/missing.ts';
import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import { fileEntries } from '../../written/file-entries.ts';
import { writtenStreams } from '../../written/streams.ts';
import { declaredWork, placedActors } from '../consumers/declared-work.ts';

export const s10MissingStreamOrConsumer = defineRule({
  id: 'S10',
  title: 'a stream or a consumer that does not exist',
  severity: 'error',
  meaning: 'Something refers to a stream or a durable consumer that nothing declares and nothing creates.',
  cause:
    'Names are looked up when the first request is made, so the program starts, says that it is ready, and fails on its ' +
    'first message. Names are compared letter by letter; streams of other accounts are not seen.',
  fix: 'Declare the stream or the consumer, in the account of whoever uses it, or correct the name.',
  symptoms: ['stream not found', 'consumer not found', 'nats: stream not found', 'nats: consumer not found'],
  codes: [10059, 10014],
  *static(facts: StaticFacts): Generator<Report> {
    const { project } = facts;
    if (project === null) return;
    const names = new Names(facts, project);
    for (const consumer of writtenConsumers(facts)) {
      const account = consumer.account;
      for (const stream of consumer.streams) {
        if (account === null || names.hasStream(account, stream)) continue;
        if (isShipped(project, consumer.place('stream')))
          yield shippedConsumer(project, consumer.name, stream);
        else yield missingStream(consumer.place('stream'), consumer.title, stream, names.streamsIn(account));
      }
    }
    for (const { actor, streams, work, place } of declaredWork(project)) {
      for (const stream of streams) {
        const known = names.streamsIn(actor.account);
        if (!names.hasStream(actor.account, stream))
          yield missingStream(place(), `${actor.title} works a consumer of it; stream`, stream, known);
        else if (!names.hasConsumer(actor.account, stream, work.consumer)) {
          const near = nearest(work.consumer, names.consumersOn(actor.account, stream));
          yield {
            place: place(),
            cause: `${actor.title} works ${stream}/${work.consumer}, and ${stream} has no consumer of that name.`,
            fix: `${near === undefined ? '' : `Did you mean ${stream}/${near}? `}Declare it under consumers, or correct the name.`,
            symptom: 'consumer not found',
          };
        }
      }
    }
    for (const actor of placedActors(project)) {
      const path = [...actor.path, 'observes'];
      const observed = actor.role.observes.map((stream) => ({ stream }));
      for (const { index, items } of fileEntries(observed, project.written(path), project.topology.streams)) {
        for (const { stream } of items) {
          if (names.hasStream(actor.account, stream)) continue;
          const known = names.streamsIn(actor.account);
          yield missingStream(
            project.place([...path, index]),
            `${actor.title} observes it; stream`,
            stream,
            known,
          );
        }
      }
    }
  },
  live: missingLive,
});

/** Is it one of the consumers that are there because devenv.yaml has a list of streams and none of consumers? */
const isShipped = (project: DeclaredProject, place: Report['place']): boolean =>
  place.kind === 'file' &&
  place.line === 1 &&
  project.written(['consumers']) === undefined &&
  project.written(['streams']) !== undefined;

function shippedConsumer(project: DeclaredProject, name: string, stream: string): Report {
  return {
    place: project.place(['streams'], 'key'),
    cause: `Without a list of consumers, devenv takes ${stream}/${name} of the shipped pipeline, and no stream of the list is called ${stream}.`,
    fix: `Write \`consumers: []\` or a list of your own beside it, or call one of the streams ${stream}.`,
    symptom: 'stream not found',
  };
}

function missingStream(
  place: Report['place'],
  who: string,
  stream: string,
  known: readonly string[],
): Report {
  const near = nearest(stream, known);
  return {
    place,
    cause: `${who} ${stream}: nothing declares or creates a stream of that name in this account.`,
    fix: `${near === undefined ? '' : `Did you mean ${near}? `}Declare it under streams, or correct the name.`,
    symptom: 'stream not found',
  };
}

/** Every stream and every consumer that anything tells of. */
class Names {
  readonly #streams = new Map<string, Set<string>>();
  readonly #families: readonly { account: string; name: string; placeholder: string }[];
  readonly #consumers = new Map<string, Set<string>>();

  constructor(facts: StaticFacts, { topology }: DeclaredProject) {
    const first = topology.accounts[0]?.name ?? '$G';
    for (const stream of writtenStreams(facts)) {
      const own = this.#streams.get(stream.account) ?? new Set<string>();
      this.#streams.set(stream.account, own);
      own.add(stream.name);
      for (const captured of stream.captured) if (!captured.stream.includes('{}')) own.add(captured.stream);
    }
    this.#families = topology.families.map(({ name, placeholder, pattern: { account } }) => ({
      account,
      name,
      placeholder,
    }));
    for (const { account, streams, name } of writtenConsumers(facts)) {
      for (const stream of streams) {
        const key = JSON.stringify([account ?? first, stream]);
        this.#consumers.set(key, (this.#consumers.get(key) ?? new Set()).add(name));
      }
    }
  }

  streamsIn = (account: string): readonly string[] => [...(this.#streams.get(account) ?? [])];

  /** A member that a family may get counts. */
  hasStream = (account: string, name: string): boolean =>
    this.#streams.get(account)?.has(name) === true ||
    this.#families.some((family) => family.account === account && isMemberOf(family, name));

  consumersOn = (account: string, stream: string): readonly string[] => [
    ...(this.#consumers.get(JSON.stringify([account, stream])) ?? []),
  ];

  hasConsumer = (account: string, stream: string, name: string): boolean =>
    this.#consumers.get(JSON.stringify([account, stream]))?.has(name) === true;
}
