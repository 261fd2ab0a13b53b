import type { Stream, Topology } from '../../../topology/model.ts';
import { SubjectTree } from '../../../topology/subject-tree.ts';
import { intersects, withStar, withStarsOf } from '../../../topology/subjects.ts';
import type { DeclaredProject } from '../../facts.ts';
import { onceFor } from '../../once.ts';
import { placedActors } from './declared-work.ts';

/** Words by which people recognise where given-up messages go. */
const TELLING =
  /^(\w*dlq|dead|dead[-_]?letters?|fail(ed|ures?)|poison(ed)?|reject(s|ed)?|quarantined?|undeliverable|parked|errors?)$/i;

export const looksLikeDeadLetters = (subject: string): boolean =>
  subject.split('.').some((token) => TELLING.test(token));

/** Of declared streams and of those that services create, in their order; per account. */
export function capturingStreams(
  { topology }: Pick<DeclaredProject, 'topology'>,
  account: string,
  pattern: string,
): string[] {
  const { names, trees } = indexOf(topology);
  const found = new Set(trees.get(account)?.crossing(pattern));
  return [...found].sort((a, b) => a - b).map((position) => names[position]!);
}

/** Subjects of all streams by account, made once: rules ask for every subject of every service. */
interface Index {
  names: readonly string[];
  trees: ReadonlyMap<string, SubjectTree<number>>;
}

const indexOf = onceFor((topology: Topology): Index => {
  const streams = allStreams(topology);
  const trees = new Map<string, SubjectTree<number>>();
  for (const [position, { account, subjects = [] }] of streams.entries()) {
    if (account === undefined) continue;
    const tree = trees.get(account) ?? new SubjectTree<number>();
    trees.set(account, tree);
    for (const subject of subjects) tree.add(subject, position);
  }
  return { names: streams.map(({ name }) => name), trees };
});

const allStreams = ({
  streams,
  families,
  services,
}: Topology): readonly (Pick<Stream, 'name'> & Partial<Stream>)[] => [
  ...streams,
  // Members that a service makes later capture as well.
  ...families.map(({ pattern: { subjects, ...rest }, placeholder }) => ({
    ...rest,
    subjects: subjects.map((subject) => withStar(subject, placeholder)),
  })),
  ...services.flatMap((service) =>
    service.creates.streams.map((stream) => ({
      account: service.account,
      ...stream,
      subjects: (stream.subjects ?? []).map((subject) => withStarsOf(stream.name, subject)),
    })),
  ),
];

/** Does somebody hear that a message was given up: a stream that keeps the server's notice, or a subscriber to it? */
export function hearsOfGivenUp(
  project: Pick<DeclaredProject, 'topology'>,
  account: string,
  stream: string,
  consumer: string,
): boolean {
  const notice = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${consumer}`;
  return (
    capturingStreams(project, account, notice).length > 0 ||
    placedActors(project).some(
      (actor) =>
        actor.account === account && actor.role.subscribes.some((pattern) => intersects(pattern, notice)),
    )
  );
}
