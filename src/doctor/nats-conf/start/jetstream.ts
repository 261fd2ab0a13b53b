import { entryOf, mapOf, sizeIn, textIn } from '../conf-values.ts';
import { goQuoted } from '../go-values.ts';
import { isPublicKey } from '../nkeys.ts';
import { isAtLeast } from '../versions.ts';
import type { StartedConf, StartRefusal } from './started-conf.ts';

/** The domain is a part of subjects, and default domains are of accounts that are there. */
export function* jetstreamRefusals(started: StartedConf): Iterable<StartRefusal> {
  yield* defaultDomains(started);
  const jetstream = started.block('jetstream') ?? [];
  const domain = textIn(jetstream, 'domain');
  const problem = domain === undefined ? null : domainProblem(domain.value);
  if (problem !== null)
    yield {
      at: domain!.span,
      message: `invalid domain name: ${problem}`,
      cause: `The domain ${goQuoted(domain!.value)} cannot be a part of a subject.`,
      fix: 'Use letters, digits, - and _ only.',
    };
  if (!started.conf.jetstream.enabled && started.flags.jetstream !== true) return;
  yield* inCluster(started);
  const tpm = entryOf(jetstream, 'tpm');
  const key = textIn(jetstream, 'key', 'ek', 'encryption_key');
  if (tpm !== undefined && isAtLeast(started.version, '2.11.0'))
    yield key !== undefined && key.value !== ''
      ? {
          at: tpm.keySpan,
          message: "Can't start JetStream: JetStream encryption key may not be used with TPM options",
          cause: 'jetstream has a key and tpm, and the key comes from one of them only.',
          fix: 'Leave out one of the two.',
        }
      : {
          at: tpm.keySpan,
          message: "Can't start JetStream: TPM functionality is not supported on this platform",
          cause: 'jetstream takes its key from a TPM, which nats-server can do on Windows only.',
          fix: 'Write key: $JS_KEY with the key in the environment, or run the server on Windows.',
        };
}

function domainProblem(domain: string): string | null {
  if (domain === '') return null;
  const subject = `$JS.${domain}.API.>`;
  if (
    /[ \t\r\n\f]/.test(subject) ||
    subject.split('.').some((token, index, all) => token === '' || (token === '>' && index < all.length - 1))
  )
    return `derived ${goQuoted(subject)} is not a valid subject`;
  return /[.*>]/.test(domain) ? 'may not contain ., * or >' : null;
}

/** Asked only in a cluster: whether this server extends the JetStream of another one, and how much it catches up at once. */
function* inCluster(started: StartedConf): Iterable<StartRefusal> {
  if ((started.conf.cluster?.port?.value ?? 0) === 0) return;
  const jetstream = started.block('jetstream') ?? [];
  const [hint, catchup] = [textIn(jetstream, 'extension_hint'), sizeIn(jetstream, 'max_outstanding_catchup')];
  const value = hint?.value.toLowerCase() ?? '';
  if (!['will_extend', 'no_extend', ''].includes(value))
    yield {
      at: hint!.span,
      message: `expected 'no_extend' for string value, got '${value}'`,
      cause: `extension_hint is ${goQuoted(hint!.value)}, and the server takes will_extend or no_extend.`,
      fix: 'Write will_extend or no_extend, or leave it out.',
    };
  if (catchup !== undefined && catchup.value < 0)
    yield {
      at: catchup.span,
      message: 'jetstream max catchup cannot be negative',
      cause: `max_outstanding_catchup is ${catchup.value}.`,
      fix: 'Write max_outstanding_catchup: 64MB, or leave it out.',
    };
}

function* defaultDomains({ conf, entries, hasOperator }: StartedConf): Iterable<StartRefusal> {
  const domains = mapOf(entryOf(entries, 'default_js_domain')) ?? [];
  const system = conf.systemAccount?.value || '$SYS';
  for (const { key, keySpan, value } of domains) {
    const account = conf.accounts.find(({ name }) => name === key);
    const refuse = (message: string, cause: string, fix: string): StartRefusal => ({
      at: keySpan,
      message,
      cause,
      fix,
    });
    const domain = value.kind === 'string' ? value.value : '';
    if (hasOperator && !isPublicKey(key, 'account'))
      yield refuse(
        `default_js_domain contains account name ${goQuoted(key)}, which is not a valid public account nkey`,
        `With an operator accounts are named by their public keys, and ${key} is none.`,
        'Write the public key of the account, which begins with A.',
      );
    else if (!hasOperator && account?.jetstream?.enabled === true && domain !== '')
      yield refuse(
        `default_js_domain contains account name ${goQuoted(key)} with enabled JetStream`,
        `The account ${key} has JetStream itself, and default_js_domain sends it elsewhere.`,
        `Leave ${key} out of default_js_domain, or take jetstream from the account.`,
      );
    else if (!hasOperator && account === undefined && !['$G', '$SYS'].includes(key))
      yield refuse(
        `in non operator mode, \`default_js_domain\` references non existing account ${goQuoted(key)}`,
        `default_js_domain names the account ${key}, which is not declared.`,
        'Name an account of this file, or declare this one among the accounts.',
      );
    else if (key === system)
      yield refuse(
        `system account ${goQuoted(key)} can not be in default_js_domain`,
        `${key} is the system account, which has no JetStream.`,
        `Leave ${key} out of default_js_domain.`,
      );
    else if (domainProblem(domain)?.startsWith('derived'))
      yield refuse(
        `default_js_domain contains account ${goQuoted(key)} with invalid domain name ${goQuoted(domain)}`,
        `The domain ${goQuoted(domain)} cannot be a part of a subject.`,
        'Use letters, digits, - and _ only.',
      );
  }
}
