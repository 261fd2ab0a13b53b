import { SubjectTree } from '../../../topology/subject-tree.ts';
import type { DeclaredProject, StaticFacts, TextSpan } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { onceFor } from '../../once.ts';
import type { WrittenStream } from '../../written/stream.ts';
import { writtenStreams } from '../../written/streams.ts';
import { type PlacedActor, placedActors } from '../consumers/declared-work.ts';

/** One subject that somebody uses, in one way. */
export interface Use {
  actor: PlacedActor;
  verb: 'publishes' | 'requests' | 'subscribes' | 'serves';
  /** Placeholders are stars. */
  pattern: string;
  place(): Place;
  scalar(): TextSpan | null;
}

/** One subject of one written stream; placeholders are stars. */
export interface Capture {
  stream: WrittenStream;
  pattern: string;
  item: number;
}

/** All that travels in one account: subjects of different accounts never meet. */
export interface Traffic {
  account: string;
  uses: readonly Use[];
  captures: readonly Capture[];
  /** Subjects that travel on core NATS by intent; they are declared for all accounts. */
  coreSubjects: readonly string[];
  /** By the subjects of the streams. */
  captured: SubjectTree<Capture>;
  /** Of streams and of core subjects. */
  expected: SubjectTree<string>;
  /** The same for one subject of which every word is known: a family that gets no more members takes only its own. */
  exact: SubjectTree<true>;
  /** `publishes` and `requests` */
  speaking: SubjectTree<Use>;
  /** `subscribes` and `serves` */
  listening: SubjectTree<Use>;
}

/** One for each account that somebody uses; worked out once. */
export const trafficOf = onceFor((facts: StaticFacts): readonly Traffic[] => {
  const captures = byAccount(
    writtenStreams(facts).flatMap((stream) =>
      stream.reach.map((pattern, item) => ({ stream, pattern, item, account: stream.account })),
    ),
  );
  const uses = byAccount(facts.project === null ? [] : usesOf(facts.project));
  const coreSubjects = facts.project?.topology.coreSubjects ?? [];
  return [...new Set([...captures.keys(), ...uses.keys()])].map((account) => {
    const traffic: Traffic = {
      account,
      coreSubjects,
      uses: uses.get(account) ?? [],
      captures: captures.get(account) ?? [],
      captured: new SubjectTree(),
      expected: new SubjectTree(),
      exact: new SubjectTree(),
      speaking: new SubjectTree(),
      listening: new SubjectTree(),
    };
    for (const capture of traffic.captures) {
      traffic.captured.add(capture.pattern, capture);
      traffic.expected.add(capture.pattern, capture.pattern);
    }
    for (const stream of new Set(traffic.captures.map((capture) => capture.stream)))
      for (const pattern of exactly(stream)) traffic.exact.add(pattern, true);
    for (const pattern of coreSubjects) {
      traffic.expected.add(pattern, pattern);
      traffic.exact.add(pattern, true);
    }
    for (const use of traffic.uses) {
      const speaks = use.verb === 'publishes' || use.verb === 'requests';
      (speaks ? traffic.speaking : traffic.listening).add(use.pattern, use);
    }
    return traffic;
  });
});

const exactly = ({ kind, reach, captured }: WrittenStream): readonly string[] =>
  kind === 'family' && captured.every(({ stream }) => !stream.includes('{}'))
    ? captured.map(({ pattern }) => pattern)
    : reach;

function byAccount<T extends { account: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.account);
    if (group === undefined) groups.set(item.account, [item]);
    else group.push(item);
  }
  return groups;
}

const VERBS = ['publishes', 'requests', 'subscribes', 'serves'] as const;

const usesOf = (project: DeclaredProject): (Use & { account: string })[] =>
  placedActors(project).flatMap((actor) =>
    VERBS.flatMap((verb) =>
      actor.role[verb].map((pattern, item) => {
        const path = [...actor.path, verb, item];
        return {
          account: actor.account,
          actor,
          verb,
          pattern,
          place: () => project.place(path),
          scalar: () => project.scalar(path),
        };
      }),
    ),
  );

/** What NATS says to itself, and answers: nobody has to capture or hear that. */
export const isOfNats = ({ pattern, actor }: Use): boolean =>
  /^(\$(JS|SYS|SRV)\b|_INBOX\b)/.test(pattern) || pattern.startsWith(`${actor.role.inboxPrefix}.`);

/** `no stream of account APP`; the account that servers have of themselves is nothing that somebody wrote. */
export const noStreamOf = ({ account }: Traffic): string =>
  account === '$G' ? 'no stream' : `no stream of account ${account}`;
