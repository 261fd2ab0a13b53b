import { nearest } from '../../../topology/nearest.ts';
import { versionReading } from '../../compose/nats-services.ts';
import type { Report } from '../../finding.ts';
import { type Placed, placeOf, textIn } from '../../nats-conf/conf-values.ts';
import type { ConfEntry } from '../../nats-conf/document.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { addressIn } from '../../nats-conf/start/listeners.ts';
import { type StartedConf, startedConf } from '../../nats-conf/start/started-conf.ts';
import { isAtLeast } from '../../nats-conf/versions.ts';
import { defineRule } from '../../rule.ts';

/** C25: whoever comes without credentials is taken for a user that has to exist. */
export const c25NoAuthUser = defineRule({
  id: 'C25',
  title: 'no_auth_user names nobody',
  severity: 'error',
  meaning: 'no_auth_user names a user that the configuration does not have.',
  cause:
    'Connections without credentials are treated as the user that no_auth_user names. `nats-server -t` does not look for that user; the server refuses to start without it.',
  fix: 'Name a user of authorization or of an account, or leave no_auth_user out, so that everybody has to log in.',
  symptoms: [
    'no_auth_user: "guest" not present as user or nkey in authorization block or account configuration',
    'no_auth_user: "guest" not present as user in authorization block or account configuration',
    'no_auth_user: "guest" present, but users/nkeys are not defined',
    'no_auth_user not compatible with Trusted Operator',
  ],
  matches: [/no_auth_user: "[^"]*" (not )?present/, /no_auth_user not compatible/],
  *static(facts) {
    for (const document of facts.confs) {
      const version = versionReading(facts, serverConf(document));
      const started = startedConf(document, version, {});
      for (const block of [
        document.entries,
        listening(started, 'websocket', 'ws'),
        listening(started, 'mqtt'),
      ]) {
        const user = textIn(block, 'no_auth_user');
        if (user !== undefined && user.value !== '') yield* look(user, started);
      }
    }
  },
});

/** The entries of a block that has a port: else the server does not look at it. */
const listening = (started: StartedConf, ...names: string[]): readonly ConfEntry[] => {
  const block = started.block(...names) ?? [];
  return (addressIn(block)?.port ?? 0) === 0 ? [] : block;
};

function* look(
  user: Placed<string>,
  { conf, version, hasOperator, hasTrustedKeys, hasUsers }: StartedConf,
): Iterable<Report> {
  const place = placeOf(user.span);
  if (hasOperator) {
    yield {
      place,
      cause: `no_auth_user is "${user.value}", and with an operator everybody logs in with a JWT.`,
      fix: 'Leave no_auth_user out; default_sentinel (2.11 and later) is for clients that bring no JWT.',
      symptom: 'no_auth_user not compatible with Trusted Operator',
    };
    return;
  }
  // With trusted keys alone the users are elsewhere.
  if (hasTrustedKeys) return;
  const takesKeys = isAtLeast(version, '2.10.8');
  const users = hasUsers ? conf.users.filter(({ nkey }) => takesKeys || !nkey) : [];
  const names = users.map(({ name }) => name.value);
  if (names.includes(user.value)) return;
  const near = nearest(user.value, names);
  const alone = names.length === 0 ? conf.users.find(({ nkey }) => !nkey) : undefined;
  yield {
    place,
    cause: `no_auth_user is "${user.value}", and ${there(names, alone?.name.value)}.`,
    fix:
      alone !== undefined
        ? `Write a list: authorization { users: [{ user: ${alone.name.value}, password: … }] }; or leave no_auth_user out.`
        : near === undefined
          ? 'Name a user that there is, or leave no_auth_user out.'
          : `Write "${near}", or leave no_auth_user out.`,
    symptom:
      names.length === 0
        ? `no_auth_user: "${user.value}" present, but ${takesKeys ? 'users/nkeys' : 'users'} are not defined`
        : `no_auth_user: "${user.value}" not present as ${takesKeys ? 'user or nkey' : 'user'} in authorization block or account configuration`,
  };
}

const there = (names: readonly string[], alone: string | undefined): string =>
  names.length > 0
    ? `the users are ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`
    : alone === undefined
      ? 'there are no users'
      : `"${alone}" is one user for everybody, not one of a list`;
