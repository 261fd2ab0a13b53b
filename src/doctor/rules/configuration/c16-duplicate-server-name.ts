import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { members } from './cluster-members.ts';

/** C16: a second server of the same name is turned away. */
export const c16DuplicateServerName = defineRule({
  id: 'C16',
  title: 'two servers with one name',
  severity: 'error',
  meaning: 'Two servers that are to form a cluster have the same server_name.',
  cause:
    "Within a cluster the name is the identity of a server: JetStream keeps the copies of a stream by it. When a file is copied for the next server and its name is left as it was, the servers close each other's connections again and again, and no leader is ever elected.",
  fix: 'Give every server a name of its own, for example nats-1, nats-2 and nats-3; from the environment with server_name: $SERVER_NAME, or with the flag --name.',
  symptoms: ['Remote server has a duplicate name: "nats-1"'],
  matches: [/duplicate (server )?name/i],
  *static(facts) {
    const clustered = members(facts).filter((member) => member.clustered);
    for (const [index, member] of clustered.entries()) {
      const { serverName, label } = member;
      if (serverName === undefined) continue;
      const earlier = clustered.slice(0, index).find((other) => other.serverName?.value === serverName.value);
      if (earlier?.serverName === undefined) continue;
      const one = placeText(earlier.serverName.place);
      const isShared = one === placeText(serverName.place);
      yield {
        place: serverName.place,
        cause: isShared
          ? `${earlier.label} and ${label} read the same file, so both are called "${serverName.value}".`
          : `${label} is called "${serverName.value}", like ${earlier.label} (${one}).`,
        fix: isShared
          ? 'Give the name from outside: server_name: $SERVER_NAME with a variable for each service, or the flag --name in each command.'
          : `Write another name here, one for each server.`,
        symptom: `Remote server has a duplicate name: "${serverName.value}"`,
      };
    }
  },
});
