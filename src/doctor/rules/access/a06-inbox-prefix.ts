import { natsUsers } from '../../../topology/users.ts';
import type { DeclaredProject, StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
import type { UserConf } from '../../nats-conf/server-access.ts';
import { defineRule } from '../../rule.ts';
import { allowsAll, inboxPatterns, repliesWith, subjectOf } from './conf-permissions.ts';

export const a06InboxPrefix = defineRule({
  id: 'A06',
  title: 'an inbox prefix that only one side knows',
  severity: 'error',
  meaning:
    'A user may receive replies under a prefix of its own, and its client asks for them under another one.',
  cause:
    'So that users cannot listen to each other, each can be given an inbox prefix of its own. The permission is half of ' +
    'it: clients use _INBOX unless they are told otherwise, and are then refused.',
  fix: 'Give the client the prefix: inboxPrefix (JavaScript), nats.CustomInboxPrefix (Go), inbox_prefix (Python); or allow "_INBOX.>".',
  symptoms: [
    'Permissions Violation for Subscription to "_INBOX.',
    'Permissions Violation for Subscription to',
  ],
  *static(facts) {
    if (facts.project !== null) yield* services(facts.project);
    const prefixes = new Map(
      facts.project === null
        ? []
        : natsUsers(facts.project.topology).map(({ name, inboxPrefix }) => [name, inboxPrefix]),
    );
    for (const document of facts.confs)
      for (const user of serverConf(document).users)
        yield* inConf(facts, user, prefixes.get(user.name.value));
  },
});

/** A service that logs in as a declared user has that user's permissions and its own client. */
function* services({ topology, place }: DeclaredProject): Iterable<Report> {
  const users = [...topology.accounts, topology.systemAccount].flatMap((account) => account.users);
  for (const { name, user, inboxPrefix } of topology.services) {
    const declared = users.find((one) => one.name === user);
    if (declared === undefined || declared.inboxPrefix === inboxPrefix) continue;
    yield {
      place: place(['services', name, 'inbox_prefix']),
      cause: `Service ${name} has its replies sent to ${inboxPrefix}, and user ${user}, as which it logs in, may receive them under ${declared.inboxPrefix}.`,
      symptom: `Permissions Violation for Subscription to "${inboxPrefix}.`,
      fix: `Write inbox_prefix: ${declared.inboxPrefix} here, or ${inboxPrefix} at the user.`,
    };
  }
}

function* inConf(facts: StaticFacts, user: UserConf, prefix: string | undefined): Iterable<Report> {
  const { subscribe } = user.permissions ?? {};
  const [pattern] = inboxPatterns(user).filter((one) => !/^_INBOX(\.|$)/.test(one.value));
  if (pattern === undefined || allowsAll(subscribe, repliesWith(prefix ?? '_INBOX'))) return;
  const own = subjectOf(pattern).replace(/\.[*>].*$/, '');
  const place = placeOf(pattern.span);
  const fix = `Tell its client the inbox prefix ${own}, or allow "${prefix ?? '_INBOX'}.>".`;
  if (prefix !== undefined) {
    yield {
      place,
      cause: `User ${user.name.value} may receive replies under ${own}, and its client has them sent to ${prefix}.`,
      symptom: `Permissions Violation for Subscription to "${prefix}.`,
      fix:
        prefix === '_INBOX'
          ? `Write inbox_prefix: ${own} in devenv.yaml and give it to the client, or allow "_INBOX.>".`
          : fix,
    };
  } else if (!facts.composes.some(({ value }) => JSON.stringify(value ?? null).includes(own))) {
    yield {
      place,
      severity: 'warning',
      cause: `User ${user.name.value} may receive replies under ${own} only, and nothing that was read gives its client that prefix.`,
      fix,
    };
  }
}
