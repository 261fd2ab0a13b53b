import type { Topology } from '../../../topology/model.ts';
import type { Report } from '../../finding.ts';
import { known, object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** E07: streams in the store of an account that has no JetStream any more. */
export const e07StreamsOfAnotherAccount = defineRule({
  id: 'E07',
  title: 'stored streams of an account that is not served',
  severity: 'error',
  meaning:
    'The store holds streams of an account that the configuration gives no JetStream to, so nobody can see them.',
  cause:
    'Without accounts, everything belongs to the account $G. When accounts are added later, clients log in to those, and the streams of $G ' +
    'stay in their folder on the disk, invisible. From 2.10 on /healthz answers 503 for ever, because they could not be recovered; 2.9 says nothing.',
  fix:
    'Copy what is needed before accounts are changed (`nats stream backup` and `restore` as a user of the new account), or remove the folders ' +
    'of streams that nobody needs from the store.',
  symptoms: ["JetStream stream '$G > ORDERS' could not be recovered", 'stream not found'],
  matches: [/could not be recovered/i],
  codes: [10059],
  versions: '/healthz answers 503 from 2.10 on',
  *live({ servers, deployment }) {
    for (const { name, stored, healthz } of servers) {
      const health = known(healthz);
      const symptom =
        health !== undefined && health.status !== 200 && /recovered/.test(health.text)
          ? health.text
          : undefined;
      yield* strangers(deployment.topology, name, known(stored) ?? [], symptom);
    }
  },
  *machine({ topology, stores }) {
    for (const { service, stored } of stores) yield* strangers(topology, service, known(stored) ?? []);
  },
});

function* strangers(
  { accounts }: Topology,
  server: string,
  folders: readonly string[],
  symptom?: string,
): Iterable<Report> {
  const served = accounts.filter(({ jetstream }) => jetstream !== null).map(({ name }) => name);
  const lost = new Map<string, string[]>();
  for (const folder of folders) {
    const slash = folder.indexOf('/');
    const account = folder.slice(0, slash);
    if (served.includes(account)) continue;
    lost.set(account, [...(lost.get(account) ?? []), folder.slice(slash + 1)]);
  }
  for (const [account, streams] of lost)
    yield {
      place: object(`account ${account}`),
      cause: `The store of ${server} holds ${streams.join(', ')} of account ${account}, and only ${served.join(', ') || 'no account'} ${served.length > 1 ? 'have' : 'has'} JetStream: nobody can see ${streams.length === 1 ? 'that stream' : 'those streams'}.`,
      fix: `Give ${account} JetStream again to get at what it holds; once that is copied or not needed, remove ${streams.map((stream) => `${account}/streams/${stream}`).join(', ')} from the store, or start anew with \`devenv down --volumes\`.`,
      ...(symptom === undefined ? {} : { symptom }),
    };
}
