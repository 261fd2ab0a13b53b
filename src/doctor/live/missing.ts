import type { Topology } from '../../topology/model.ts';
import type { LiveFacts } from '../facts.ts';
import type { Report } from '../finding.ts';
import { consumerTitle, known, object, titleIn } from './readings.ts';

/** Declared consumers that the server does not have, although it has their stream. */
export interface MissingConsumer {
  account: string;
  stream: string;
  name: string;
  title: string;
  /** The server deletes it after so long without a client; 0 = never. Milliseconds. */
  inactiveThreshold: number;
  /** Services that work it. */
  workers: readonly string[];
}

export function missingConsumers(facts: LiveFacts): MissingConsumer[] {
  const { accounts, deployment } = facts;
  return accounts.flatMap(({ account, streams, consumers }) => {
    const there = known(consumers);
    const names = known(streams)?.map(({ name }) => name);
    if (there === undefined || names === undefined) return [];
    return deployment.topology.consumers
      .filter((declared) => declared.account === account && names.includes(declared.stream))
      .filter(({ stream, name }) => !there.some((live) => live.stream === stream && live.name === name))
      .map(({ stream, name, inactiveThreshold }) => ({
        account,
        stream,
        name,
        title: consumerTitle(facts, account, { stream, name }),
        inactiveThreshold,
        workers: workersOf(deployment.topology, account, stream, name),
      }));
  });
}

const workersOf = ({ services }: Topology, account: string, stream: string, consumer: string): string[] =>
  services
    .filter((service) => service.account === account)
    .filter(({ works }) => works.some((work) => work.stream === stream && work.consumer === consumer))
    .map(({ name }) => name);

/** What is declared and is not there: streams, and consumers that nobody works (K04 tells the others). */
export function* missingLive(facts: LiveFacts): Iterable<Report> {
  for (const { account, streams } of facts.accounts) {
    const names = known(streams)?.map(({ name }) => name);
    if (names === undefined) continue;
    for (const declared of facts.deployment.topology.streams) {
      if (declared.account !== account || names.includes(declared.name)) continue;
      yield {
        place: object(titleIn(facts.accounts, account, `stream ${declared.name}`)),
        cause: `Stream ${declared.name} is declared and does not exist on the server: somebody deleted it, or the store was emptied.`,
        fix: 'Run `devenv up`: it creates what is declared and missing. What the stream held is gone unless there is a backup.',
        symptom: 'stream not found',
      };
    }
  }
  for (const { title, workers } of missingConsumers(facts)) {
    if (workers.length > 0) continue;
    yield {
      place: object(title),
      cause: `The ${title} is declared and does not exist on the server.`,
      fix: 'Run `devenv up`: it creates what is declared and missing.',
      symptom: 'consumer not found',
    };
  }
}
