import { booleanIn, entryOf, mapOf, type Placed, textIn, textsIn } from '../conf-values.ts';
import type { ConfEntry } from '../document.ts';
import { goQuoted } from '../go-values.ts';
import { isPublicKey } from '../nkeys.ts';
import { addressIn } from './listeners.ts';
import { keyOf, type StartedConf, type StartRefusal } from './started-conf.ts';

const NEEDS_NKEYS =
  "operator mode requires account nkeys in remotes. Please add an `account` key to each remote in your `leafnodes` section, to assign it to an account. Each account value should be a 56 character public key, starting with the letter 'A'";

/** Leaf nodes put their clients into accounts that have to be there, and a remote is reached in one way. */
export function* leafRefusals(started: StartedConf): Iterable<StartRefusal> {
  const leaf = started.block('leafnodes', 'leaf');
  if (leaf === undefined) return;
  const remotes = remotesOf(leaf);
  if (started.hasOperator) yield* withOperator(started, leaf, remotes);
  else yield* unknownAccounts(started, leaf, remotes);
  const gateway = started.block('gateway');
  const isGateway = gateway !== undefined && (textIn(gateway, 'name') ?? addressIn(gateway)) !== undefined;
  if (isGateway && (addressIn(leaf)?.port ?? 0) !== 0 && (started.conf.systemAccount?.value ?? '') === '')
    yield {
      at: keyOf(started, 'leafnodes', 'leaf'),
      message: 'leaf nodes and gateways (both being defined) require a system account to also be configured',
      cause: 'The server takes leaf nodes and has a gateway, and system_account is not there.',
      fix: 'Write system_account: SYS, and accounts { SYS { users: [{ user: admin, password: $ADMIN_PASSWORD }] } }.',
    };
  for (const remote of remotes) {
    const urls = textsIn(remote, 'urls', 'url');
    const isWeb = urls.map(({ value }) => /^wss?:/i.test(value));
    const odd = urls[isWeb.findIndex((web) => web !== isWeb[0])];
    if (odd !== undefined)
      yield {
        at: odd.span,
        message: 'remote leaf node configuration cannot have a mix of websocket and non-websocket urls',
        cause: `${odd.value} and ${urls[0]!.value} are URLs of one remote, and only one of them is a websocket.`,
        fix: 'Use the same scheme in all URLs of a remote: ws:// or wss://, or nats-leaf://.',
      };
  }
}

function remotesOf(leaf: readonly ConfEntry[]): readonly (readonly ConfEntry[])[] {
  const list = entryOf(leaf, 'remotes')?.value;
  return list?.kind === 'list'
    ? list.items.flatMap((item) => (item.kind === 'map' ? [item.entries] : []))
    : [];
}

function* unknownAccounts(
  { conf, entries }: StartedConf,
  leaf: readonly ConfEntry[],
  remotes: readonly (readonly ConfEntry[])[],
): Iterable<StartRefusal> {
  const known = new Set(['', '$G', ...conf.accounts.map(({ name }) => name)]);
  // The system account is made unless another one is named.
  if (
    (conf.systemAccount?.value ?? '') === '' &&
    booleanIn(entries, 'no_system_account', 'no_system', 'no_sys_acc')?.value !== true
  )
    known.add('$SYS');
  const authorization = mapOf(entryOf(leaf, 'authorization')) ?? [];
  const users = entryOf(authorization, 'users')?.value;
  const named: [Placed<string> | undefined, 'authorization' | 'remote'][] = [
    [textIn(authorization, 'account'), 'authorization'],
    ...(users?.kind === 'list' ? users.items : []).map(
      (user): [Placed<string> | undefined, 'authorization'] => [
        user.kind === 'map' ? textIn(user.entries, 'account') : undefined,
        'authorization',
      ],
    ),
    ...remotes.map((remote): [Placed<string> | undefined, 'remote'] => [
      textIn(remote, 'account', 'local'),
      'remote',
    ]),
  ];
  for (const [account, where] of named)
    if (account !== undefined && !known.has(account.value))
      yield {
        at: account.span,
        message: `cannot find local account ${goQuoted(account.value)} specified in leafnode ${where}`,
        cause: `The leaf node is put into the account ${account.value}, and the accounts are ${shown(known)}.`,
        fix: 'Name an account of this file, or declare this one among the accounts.',
      };
}

const shown = (names: Iterable<string>): string => [...names].filter((name) => name !== '').join(', ');

function* withOperator(
  started: StartedConf,
  leaf: readonly ConfEntry[],
  remotes: readonly (readonly ConfEntry[])[],
): Iterable<StartRefusal> {
  const authorization = mapOf(entryOf(leaf, 'authorization')) ?? [];
  const users = entryOf(authorization, 'users');
  if (users?.value.kind === 'list' && users.value.items.length > 0)
    yield {
      at: users.keySpan,
      message: 'operator mode does not allow specifying users in leafnode config',
      cause: 'There is an operator, whose JWTs declare the users, and leafnodes has a list of users.',
      fix: 'Leave the users out: a leaf node logs in with credentials of an account.',
    };
  const own = textIn(authorization, 'account');
  if (
    own !== undefined &&
    own.value !== '' &&
    !isPublicKey(own.value, 'account') &&
    (addressIn(leaf)?.port ?? 0) !== 0
  )
    yield {
      at: own.span,
      message: 'operator mode and non account nkeys are incompatible',
      cause: `With an operator accounts are named by their public keys, and ${own.value} is none.`,
      fix: 'Write the public key of the account, which begins with A.',
    };
  for (const remote of remotes) {
    const account = textIn(remote, 'account', 'local');
    if (account !== undefined && isPublicKey(account.value, 'account')) continue;
    yield {
      at: account?.span ?? entryOf(remote, 'urls', 'url')?.keySpan ?? keyOf(started, 'leafnodes', 'leaf'),
      message: NEEDS_NKEYS,
      cause: `With an operator a remote names its account by the public key of it, and this one names ${account === undefined ? 'none' : account.value}.`,
      fix: 'Write account: "A…" with the public key of the account, as `nsc describe account` shows it.',
    };
  }
}
