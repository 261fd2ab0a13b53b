import { nearest } from '../../../topology/nearest.ts';
import { versionReading } from '../../compose/nats-services.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
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
  ],
  matches: [/no_auth_user: "[^"]*" not present/],
  *static(facts) {
    for (const document of facts.confs) {
      const conf = serverConf(document);
      const { noAuthUser, users, operatorMode } = conf;
      // With JWTs the users are elsewhere.
      if (noAuthUser === undefined || noAuthUser.value === '' || operatorMode) continue;
      const names = users.map(({ name }) => name.value);
      if (names.includes(noAuthUser.value)) continue;
      const near = nearest(noAuthUser.value, names);
      yield {
        place: placeOf(noAuthUser.span),
        cause: `no_auth_user is "${noAuthUser.value}", and ${names.length === 0 ? 'there are no users' : `the users are ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`}.`,
        fix:
          near === undefined
            ? 'Name a user that there is, or leave no_auth_user out.'
            : `Write "${near}", or leave no_auth_user out.`,
        symptom: `no_auth_user: "${noAuthUser.value}" not present as ${isAtLeast(versionReading(facts, conf), '2.10.8') ? 'user or nkey' : 'user'} in authorization block or account configuration`,
      };
    }
  },
});
