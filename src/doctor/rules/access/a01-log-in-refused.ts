import { natsUsers } from '../../../topology/users.ts';
import type { LiveFacts } from '../../facts.ts';
import { counted, object } from '../../live/readings.ts';
import { refusals } from '../../live/server-log.ts';
import { defineRule } from '../../rule.ts';

/** A01: somebody is not let in. */
export const a01LogInRefused = defineRule({
  id: 'A01',
  title: 'log-in is refused',
  severity: 'error',
  meaning: 'A server refuses the user name, the password or the key of a client.',
  cause:
    'The client has other credentials than the server’s configuration: they were rotated and one side was not restarted, the program reads another ' +
    '.env file, a `$` in a quoted password was taken literally, or it is connected to another server altogether. The server tells nobody which of them it is.',
  fix: 'Compare what the program really uses (`devenv env`, its own configuration) with `devenv auth list`; run `devenv up` so that server and services have the same.',
  symptoms: [
    "'Authorization Violation'",
    'nats: Authorization Violation',
    'authentication error - User "api"',
    'credentials refused',
  ],
  matches: [/authorization violation/i, /authentication error/i],
  *live(facts) {
    const declared = new Map(natsUsers(facts.deployment.topology).map((user) => [user.name, user]));
    const refused = facts.users.flatMap(({ user, login }) =>
      !login.ok && /credentials refused|authorization violation/i.test(login.reason) ? [user] : [],
    );
    for (const user of refused)
      yield {
        place: object(`user ${user}`),
        cause: `The servers refuse the credentials that devenv has for user ${user}${servicesOf(declared.get(user)?.services ?? [])}.`,
        fix: 'Run `devenv up`: it writes the credentials into the configuration of the servers and restarts what has others.',
        symptom: 'Authorization Violation',
      };
    const tried = refusals(facts).filter(
      ({ user, at }) => !fromBefore(facts, declared.get(user)?.services ?? [], at),
    );
    for (const user of new Set(tried.map((refusal) => refusal.user))) {
      if (refused.includes(user)) continue;
      const times = tried.filter((refusal) => refusal.user === user);
      const last = times.at(-1)!;
      const owner = declared.get(user);
      const who = user === '' ? 'without a user name' : `as ${user}`;
      yield {
        place: object(user === '' ? `server ${last.server}` : `user ${user}`),
        severity: 'warning',
        cause:
          owner === undefined
            ? `${last.server} refused ${counted(times.length, 'log-in')} ${who}, last at ${last.at}: there is no such user.`
            : `${last.server} refused ${counted(times.length, 'log-in')} ${who}, last at ${last.at}, although the credentials that devenv has are accepted: a client has others.`,
        fix:
          owner === undefined
            ? `Connect with one of the users of \`devenv auth list\`, or declare ${user === '' ? 'one' : `"${user}"`} under accounts.`
            : `Find the client that still has an old password${servicesOf(owner.services)} and give it the one of \`devenv env\`.`,
        symptom: `authentication error - User "${user}"`,
      };
    }
  },
});

/**
 * What logged in as a user until then is not there any more: `auth rotate` lets the servers read the new credentials
 * first, and a service that has the old ones may knock once before it is replaced.
 */
function fromBefore(facts: LiveFacts, services: readonly string[], at: string): boolean {
  const starts = services.map(
    (name) => facts.services.find(({ service }) => service === name)?.startedAt ?? '',
  );
  return starts.length > 0 && starts.every((start) => Date.parse(start) > Date.parse(at));
}

const servicesOf = (services: readonly string[]): string =>
  services.length === 0
    ? ''
    : `, whom ${services.join(', ')} ${services.length === 1 ? 'logs' : 'log'} in as`;
