import { servicesReading } from '../../compose/nats-services.ts';
import type { DeclaredProject, StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

const NOT_FOR_ACCOUNT = 'JetStream not enabled for account (10039)';
/** Nobody subscribes to the API; 2.9 lets the request time out. */
const NOT_AT_ALL = "no responders: '$JS.API.INFO'";
const NOT_FOR_SYSTEM = '[FTL] Not allowed to enable JetStream on the system account';

/** A07: the server has JetStream, the account of the client has not. */
export const a07AccountWithoutJetstream = defineRule({
  id: 'A07',
  title: 'account without JetStream',
  severity: 'error',
  meaning: 'Streams are wanted in an account that has no JetStream.',
  cause:
    'As soon as a configuration has accounts, JetStream is switched on for each of them by itself; the block jetstream at the top only makes it available. Users of authorization are in the account $G, which then has none either. The system account can never have it.',
  fix: 'Write jetstream: enabled (or a block with limits) within the account, and log in as a user of that account.',
  symptoms: [NOT_FOR_ACCOUNT, NOT_AT_ALL, NOT_FOR_SYSTEM, 'JetStream not enabled (10076)'],
  codes: [10039, 10076],
  *static(facts) {
    for (const document of facts.confs) yield* inConf(serverConf(document), facts);
    if (facts.project !== null) yield* inProject(facts.project);
  },
});

function* inConf(conf: ServerConf, facts: StaticFacts): Iterable<Report> {
  const { accounts, users, systemAccount, operatorMode } = conf;
  // With JWTs the accounts are elsewhere.
  if (operatorMode) return;
  const system = systemAccount?.value ?? '$SYS';
  const own = accounts.filter(({ name }) => name !== system);
  const withJetStream = own.filter(({ jetstream }) => jetstream?.enabled);
  const ofSystem = accounts.find(({ name }) => name === system)?.jetstream;
  const server = conf.jetstream.enabled || servicesReading(facts, conf).some(({ jetstream }) => jetstream);
  if (!server) {
    for (const { name, jetstream } of withJetStream)
      yield {
        place: placeOf(jetstream!.span),
        cause: `Account ${name} has JetStream, and the server itself has it not switched on.`,
        fix: 'Add a block jetstream { store_dir: … } at the top of the file.',
        symptom: NOT_AT_ALL,
      };
    return;
  }
  if (ofSystem?.enabled)
    yield {
      place: placeOf(ofSystem.span),
      cause: `${system} is the system account, which cannot have JetStream: the server does not start.`,
      fix: 'Leave jetstream out of the system account.',
      symptom: NOT_FOR_SYSTEM,
    };
  if (own.length === 0) return;
  if (withJetStream.length === 0)
    yield {
      place: placeOf(own[0]!.span),
      cause: `The server has JetStream, and none of its accounts (${own.map(({ name }) => name).join(', ')}) has.`,
      fix: 'Write jetstream: enabled within each account that keeps streams.',
      symptom: NOT_FOR_ACCOUNT,
    };
  else
    for (const { name, span } of own.filter((account) => !withJetStream.includes(account)))
      if (users.some((user) => user.account === name && asksJetStream(user)))
        yield {
          place: placeOf(span),
          cause: `Users of account ${name} have permissions for $JS.API, and the account has no JetStream.`,
          fix: 'Write jetstream: enabled within the account.',
          symptom: NOT_FOR_ACCOUNT,
        };
  const global = users.find(({ account }) => account === null);
  if (global !== undefined)
    yield {
      place: placeOf(global.span),
      severity: 'warning',
      cause: `User ${global.name.value} of authorization is in the account $G, which has no JetStream beside ${own.map(({ name }) => name).join(', ')}.`,
      fix: 'Move the users of authorization into an account with JetStream.',
      symptom: NOT_FOR_ACCOUNT,
    };
}

const asksJetStream = ({ permissions }: ServerConf['users'][number]): boolean =>
  permissions?.publish?.allow?.some(({ value }) => value.startsWith('$JS.')) === true;

function* inProject({ topology, place }: DeclaredProject): Iterable<Report> {
  const { accounts, systemAccount, streams, services } = topology;
  const without = new Set(
    [...accounts.filter(({ jetstream }) => jetstream === null), systemAccount].map(({ name }) => name),
  );
  const report = (what: string, account: string, at: Report['place']): Report => ({
    place: at,
    cause: `${what} is in the account ${account}, which ${account === systemAccount.name ? 'is the system account and never has JetStream' : 'is declared with jetstream: false'}.`,
    fix:
      account === systemAccount.name
        ? 'Put it into an account of its own.'
        : `Leave jetstream: false out of accounts.${account}, or put it into another account.`,
    symptom: NOT_FOR_ACCOUNT,
  });
  for (const [index, { name, account, family }] of streams.entries())
    if (family === undefined && without.has(account))
      yield report(`Stream ${name}`, account, place(['streams', index, 'account']));
  for (const [index, { name, pattern }] of topology.families.entries())
    if (without.has(pattern.account))
      yield report(`Family ${name}`, pattern.account, place(['families', index, 'account']));
  for (const { name, account, works, creates } of services)
    if (without.has(account) && works.length + creates.streams.length + creates.consumers.length > 0)
      yield report(`Service ${name}, which uses JetStream,`, account, place(['services', name, 'account']));
}
