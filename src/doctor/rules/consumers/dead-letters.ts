import type { Stream } from '../../../topology/model.ts';
import { intersects } from '../../../topology/subjects.ts';
import type { DeclaredProject } from '../../facts.ts';
import { placedActors } from './declared-work.ts';

/** Words by which people recognise where given-up messages go. */
const TELLING =
  /^(\w*dlq|dead|dead[-_]?letters?|fail(ed|ures?)|poison(ed)?|reject(s|ed)?|quarantined?|undeliverable|parked|errors?)$/i;

export const looksLikeDeadLetters = (subject: string): boolean =>
  subject.split('.').some((token) => TELLING.test(token));

/** Of declared streams and of those that services create; per account. */
export function capturingStreams(
  { topology }: Pick<DeclaredProject, 'topology'>,
  account: string,
  pattern: string,
): string[] {
  const { streams, families, services } = topology;
  const created = services.flatMap((service) =>
    service.creates.streams.map((stream) => ({ account: service.account, ...stream })),
  );
  const all: readonly (Pick<Stream, 'name'> & Partial<Stream>)[] = [
    ...streams,
    // Members that a service makes later capture as well.
    ...families.map(({ pattern: { subjects, ...rest }, placeholder }) => ({
      ...rest,
      subjects: subjects.map((subject) => subject.replaceAll(`{${placeholder}}`, '*')),
    })),
    ...created,
  ];
  return all
    .filter((stream) => stream.account === account)
    .filter(({ subjects = [] }) => subjects.some((subject) => intersects(subject, pattern)))
    .map(({ name }) => name);
}

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
