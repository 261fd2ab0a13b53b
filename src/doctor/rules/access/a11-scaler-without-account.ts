import { textOf } from '../../compose/yaml-parts.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { type NatsTrigger, natsTriggers, parametersOf } from '../../kubernetes/nats-triggers.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

const SYMPTOM = 'error parsing NATS JetStream metadata: no account name or id given';

/** A11: KEDA asks the monitoring port for one account, and has to know which. */
export const a11ScalerWithoutAccount = defineRule({
  id: 'A11',
  title: 'KEDA trigger without an account',
  severity: 'error',
  meaning: 'A nats-jetstream trigger of KEDA names no account, or one that does not have the stream.',
  cause:
    'KEDA reads the lag of the consumer from /jsz?acc=<account> on the monitoring port. Without the account the trigger is refused and the workload stays at its minimum; with a wrong one the stream is never found. Servers without accounts keep everything in $G.',
  fix: 'Write account: "$G" into the metadata of the trigger, or the name of the account that the stream is in.',
  symptoms: [SYMPTOM, 'stream not found'],
  matches: [/no account (name|given)/i, /error parsing NATS JetStream metadata/i],
  *static(facts) {
    for (const trigger of natsTriggers(facts)) yield* look(trigger, facts);
  },
});

function* look(
  { yaml, path, owner, metadata, authentication }: NatsTrigger,
  facts: StaticFacts,
): Iterable<Report> {
  const account = textOf(metadata.account);
  const stream = textOf(metadata.stream);
  const expected = accountOf(facts, stream);
  if (account === undefined || account === '') {
    if (textOf(metadata.accountID)) return;
    const given = authentication === undefined ? [] : parametersOf(facts, authentication);
    // An authentication that was not read may have it.
    if (given === undefined || given.some((name) => name === 'account' || name === 'accountID')) return;
    yield {
      place: yaml.place([...path, 'metadata'], 'key'),
      cause: `The nats-jetstream trigger of ${owner} names no account, so KEDA refuses it and does not scale.`,
      fix: `Add account: "${expected ?? '$G'}" to its metadata${expected === undefined ? ' ($G is the account of servers that have no accounts of their own)' : ''}.`,
      symptom: SYMPTOM,
    };
  } else if (expected !== undefined && account !== expected)
    yield {
      place: yaml.place([...path, 'metadata', 'account']),
      cause: `The trigger of ${owner} looks for stream ${stream} in the account ${account}, and it is in ${expected}.`,
      fix: `Write account: "${expected}".`,
      symptom: 'stream not found',
    };
}

/** Of a declared stream; else the only one that there can be. */
function accountOf({ project, confs }: StaticFacts, stream: string | undefined): string | undefined {
  const declared = project?.topology.streams.find(({ name }) => name === stream)?.account;
  if (declared !== undefined || confs.length === 0) return declared;
  const names = new Set(
    confs.map(serverConf).flatMap(({ accounts, operatorMode }) => {
      if (operatorMode) return ['?', '??'];
      const own = accounts.filter(({ jetstream }) => jetstream?.enabled).map(({ name }) => name);
      return own.length === 0 ? ['$G'] : own;
    }),
  );
  return names.size === 1 ? [...names][0] : undefined;
}
