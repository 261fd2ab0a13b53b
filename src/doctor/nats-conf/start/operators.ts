import { entryOf, textIn, textsIn } from '../conf-values.ts';
import type { ConfValue } from '../document.ts';
import { goQuoted } from '../go-values.ts';
import { isPublicKey } from '../nkeys.ts';
import { isAtLeast } from '../versions.ts';
import { keyOf, OPERATOR, type StartedConf, type StartRefusal, TRUSTED } from './started-conf.ts';

const RESOLVER = ['resolver', 'account_resolver', 'accounts_resolver'];

/** With an operator accounts and users are in JWTs, and the server has to know where to find those. */
export function* operatorRefusals(started: StartedConf): Iterable<StartRefusal> {
  yield* defaultSentinel(started);
  if (!started.hasOperator) {
    yield* systemAccount(started);
    return;
  }
  const { conf, entries } = started;
  const at = keyOf(started, ...OPERATOR);
  if (conf.accounts.length > 0)
    yield {
      at: keyOf(started, 'accounts'),
      message: 'operators do not allow Accounts to be configured directly',
      cause: 'There is an operator, whose JWTs declare the accounts, and a block accounts.',
      fix: 'Leave out accounts (and add them with nsc), or the operator.',
    };
  if (started.hasUsers)
    yield {
      at: entryOf(started.block('authorization') ?? [], 'users')?.keySpan ?? keyOf(started, 'accounts'),
      message: 'operators do not allow users to be configured directly',
      cause: 'There is an operator, whose JWTs declare the users, and a list of users.',
      fix: 'Leave out the users (and add them with nsc), or the operator.',
    };
  yield* calloutAndPins(started);
  if (started.hasTrustedKeys)
    yield {
      at: keyOf(started, ...TRUSTED),
      message: "conflicting options for 'TrustedKeys' and 'TrustedOperators'",
      cause: 'There are trusted keys and an operator.',
      fix: 'Leave out the trusted keys: those of the operator are in its JWT.',
    };
  const claims = claimsOf(entryOf(entries, ...OPERATOR)?.value);
  const resolver = entryOf(entries, ...RESOLVER);
  // The JWT may be in a file, which is not looked at here.
  if (claims === null) return;
  if (resolver === undefined && claims.url === '')
    yield {
      at,
      message: 'could not fetch <"/accounts/">: Get "/accounts/": unsupported protocol scheme ""',
      cause: 'There is an operator, and nothing says where the JWTs of the accounts are.',
      fix: 'Write resolver: MEMORY with resolver_preload, or resolver { type: full, dir: "/data/jwt" }.',
    };
  const system = conf.systemAccount;
  if (system !== undefined && system.value !== '' && claims.system !== '' && claims.system !== system.value)
    yield {
      at: system.span,
      message: 'system_account in config and operator JWT must be identical',
      cause: `system_account is ${system.value}, and the JWT of the operator says ${claims.system}.`,
      fix: 'Leave system_account out: the JWT of the operator names it.',
    };
  if (
    resolver?.value.kind === 'map' &&
    !isMemory(resolver.value) &&
    claims.system === '' &&
    (system?.value ?? '') === ''
  )
    yield {
      at: resolver.keySpan,
      message:
        'using nats based account resolver - the system account needs to be specified in configuration or the operator jwt',
      cause: 'The resolver gets JWTs over NATS, by way of the system account, and there is none.',
      fix: 'Write system_account with the public key of the system account.',
    };
  yield* notPreloaded(started, system?.value || claims.system, resolver?.value);
}

/** What belongs into the JWTs of accounts, or has to be named by keys. */
function* calloutAndPins(started: StartedConf): Iterable<StartRefusal> {
  const callout = entryOf(started.block('authorization') ?? [], 'auth_callout', 'auth_hook');
  if (callout !== undefined && isAtLeast(started.version, '2.10.0'))
    yield {
      at: callout.keySpan,
      message: 'operators do not allow authorization callouts to be configured directly',
      cause: 'There is an operator, and auth_callout in the file.',
      fix: 'Leave auth_callout out: with an operator it belongs into the JWT of the account.',
    };
  for (const { value, span } of textsIn(started.entries, 'resolver_pinned_accounts'))
    if (!isPublicKey(value, 'account'))
      yield {
        at: span,
        message: `pinned account key ${goQuoted(value)} is not a valid public account nkey`,
        cause: `resolver_pinned_accounts names ${value}, which is no public key of an account.`,
        fix: 'Write the public keys of accounts, which begin with A.',
      };
}

const isMemory = (value: ConfValue): boolean =>
  value.kind === 'string'
    ? /MEM/i.test(value.value)
    : value.kind === 'map' && /^mem(ory)?$/i.test(textIn(value.entries, 'type')?.value ?? '');

/** A resolver in memory knows what is preloaded, and nothing else. */
function* notPreloaded(
  started: StartedConf,
  system: string,
  resolver: ConfValue | undefined,
): Iterable<StartRefusal> {
  if (system === '' || resolver === undefined || !isMemory(resolver)) return;
  const preload = started.block('resolver_preload') ?? [];
  if (preload.some(({ key }) => key === system)) return;
  yield {
    at: started.conf.systemAccount?.span ?? keyOf(started, ...OPERATOR),
    message: 'error resolving system account: account missing',
    cause: `The system account is ${system}, and resolver_preload does not have it.`,
    fix: 'Add its JWT to resolver_preload.',
  };
}

/** Without an operator the system account is one of the file, or the one that the server makes. */
function* systemAccount({ conf, entries, hasTrustedKeys }: StartedConf): Iterable<StartRefusal> {
  const { systemAccount: system, accounts } = conf;
  if (system === undefined || ['', '$G'].includes(system.value)) return;
  // With trusted keys it may be in a JWT.
  if (hasTrustedKeys && entryOf(entries, ...RESOLVER) !== undefined) return;
  if (accounts.some(({ name }) => name === system.value)) return;
  yield {
    at: system.span,
    message: 'error resolving system account: account missing',
    cause: `system_account is ${system.value}, and ${accounts.length === 0 ? 'no accounts are declared' : `the accounts are ${accounts.map(({ name }) => name).join(', ')}`}.`,
    fix: `Declare it: accounts { ${/^[\w-]+$/.test(system.value) ? system.value : goQuoted(system.value)} { users: [{ user: admin, password: $ADMIN_PASSWORD }] } }; or leave system_account out, and the server makes one.`,
  };
}

/** A JWT for clients that bring none. */
function* defaultSentinel({ entries, hasOperator, version }: StartedConf): Iterable<StartRefusal> {
  const sentinel = textIn(entries, 'default_sentinel');
  if (sentinel === undefined || sentinel.value === '' || !isAtLeast(version, '2.11.2')) return;
  const at = sentinel.span;
  if (!hasOperator)
    yield {
      at,
      message: 'default sentinel requires operators and accounts',
      cause:
        'default_sentinel is a JWT for clients that bring none, and without an operator there are no JWTs.',
      fix: 'Leave it out, or configure operator and resolver.',
    };
  else if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(sentinel.value))
    yield {
      at,
      message: 'default sentinel JWT not valid',
      cause: 'default_sentinel is no JWT.',
      fix: 'Write the JWT of a user with a bearer token, as `nsc describe user --raw` prints it.',
    };
}

/** What an operator's JWT in the file itself says; null when it is none, or there are several. */
function claimsOf(value: ConfValue | undefined): { system: string; url: string } | null {
  const [, payload] =
    (value?.kind === 'string' ? /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(value.value) : null) ?? [];
  if (payload === undefined) return null;
  try {
    const { nats } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      nats?: Record<string, unknown>;
    };
    const text = (name: string): string => (typeof nats?.[name] === 'string' ? nats[name] : '');
    return { system: text('system_account'), url: text('account_server_url') };
  } catch {
    return null;
  }
}
