import type { Actor } from './actors.ts';
import { type Flow, FlowIndex } from './flow-index.ts';
import type { Topology } from './model.ts';
import { SubjectTree } from './subject-tree.ts';

/** A subject of core NATS: whoever is there at that moment hears it. */
export interface CoreNode {
  subject: string;
  /** Under `core_subjects`, and not merely what somebody subscribes to. */
  declared: boolean;
  publishers: readonly Flow[];
  subscribers: readonly Flow[];
}

/** Requests and their answers. */
export interface RequestNode {
  subject: string;
  requesters: readonly Flow[];
  /** Empty = nobody answers. */
  servers: readonly Flow[];
}

/** Declared core subjects that somebody of the account uses, then what is subscribed to beside them. */
export function coreFlows(
  { coreSubjects, accounts }: Pick<Topology, 'coreSubjects' | 'accounts'>,
  account: string,
  everybody: readonly Actor[],
): CoreNode[] {
  const actors = everybody.filter((actor) => actor.account === account);
  const publishers = new FlowIndex(actors, 'publishes');
  const subscribers = new FlowIndex(actors, 'subscribes');
  const declared = new SubjectTree<true>();
  for (const subject of coreSubjects) declared.add(subject, true);
  const others = new Set(
    actors
      .flatMap(({ role }) => role.subscribes)
      .filter((pattern) => declared.crossing(pattern).next().done === true),
  );
  const node = (subject: string, isDeclared: boolean): CoreNode => ({
    subject,
    declared: isDeclared,
    publishers: publishers.crossing([subject]),
    subscribers: subscribers.crossing([subject]),
  });
  const used = new SubjectTree<true>();
  for (const { role } of everybody)
    for (const pattern of [...role.publishes, ...role.subscribes]) used.add(pattern, true);
  // A subject that nobody uses in any account is drawn once, in the first one.
  const isDrawn = ({ subject, publishers, subscribers }: CoreNode) =>
    publishers.length + subscribers.length > 0 ||
    (accounts[0]?.name === account && used.crossing(subject).next().done === true);
  return [
    ...coreSubjects.map((subject) => node(subject, true)).filter(isDrawn),
    ...[...others].map((subject) => node(subject, false)),
  ];
}

export function requestFlows(actors: readonly Actor[]): RequestNode[] {
  const requesters = new FlowIndex(actors, 'requests');
  const servers = new FlowIndex(actors, 'serves');
  const served = new Set(actors.flatMap(({ role }) => role.serves));
  const answered = new SubjectTree<true>();
  for (const pattern of served) answered.add(pattern, true);
  const unanswered = new Set(
    actors
      .flatMap(({ role }) => role.requests)
      .filter((pattern) => answered.crossing(pattern).next().done === true),
  );
  return [...served, ...unanswered].map((subject) => ({
    subject,
    requesters: requesters.crossing([subject]),
    servers: servers.crossing([subject]),
  }));
}
