import { covers, intersects } from '../../../topology/subjects.ts';
import { servicesReading } from '../../compose/nats-services.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Placed } from '../../nats-conf/conf-values.ts';
import type { ServerConf } from '../../nats-conf/server.ts';
import type { SubjectsConf, UserConf } from '../../nats-conf/server-access.ts';

/** A queue group may follow the subject of a subscription. */
export const subjectOf = ({ value }: Placed<string>): string => value.split(/\s+/)[0] ?? '';

/** Does the list let everything through that a pattern stands for? No list = yes. */
export function allowsAll(subjects: SubjectsConf | undefined, pattern: string): boolean {
  if (subjects === undefined) return true;
  const { allow, deny } = subjects;
  return (
    (allow === undefined || allow.some((one) => covers(subjectOf(one), pattern))) &&
    !deny.some((one) => intersects(subjectOf(one), pattern))
  );
}

/** Does it let anything through that a pattern stands for? */
export function allowsSome(subjects: SubjectsConf | undefined, pattern: string): boolean {
  if (subjects === undefined) return true;
  const { allow, deny } = subjects;
  return (
    (allow === undefined || allow.some((one) => intersects(subjectOf(one), pattern))) &&
    !deny.some((one) => covers(subjectOf(one), pattern))
  );
}

/** What a client with a prefix for its replies subscribes to: the prefix, an id of its own, one word for each request. */
export const repliesWith = (prefix: string): string => `${prefix}.x.*`;

/** Patterns of subscribe that look as if they were made for replies. */
export const inboxPatterns = ({ permissions }: UserConf): readonly Placed<string>[] =>
  (permissions?.subscribe?.allow ?? []).filter((pattern) => /inbox|repl(y|ies)/i.test(pattern.value));

/** The account of a user has JetStream, as far as the file and the command line of its server tell. */
export function hasJetStream(facts: StaticFacts, conf: ServerConf, { account }: UserConf): boolean {
  const { accounts, systemAccount } = conf;
  const isOn = conf.jetstream.enabled || servicesReading(facts, conf).some(({ jetstream }) => jetstream);
  if (!isOn || account === (systemAccount?.value ?? '$SYS')) return false;
  if (account === null) return !accounts.some(({ jetstream }) => jetstream?.enabled);
  return accounts.some(({ name, jetstream }) => name === account && jetstream?.enabled === true);
}
