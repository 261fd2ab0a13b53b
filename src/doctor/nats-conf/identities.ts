import type { ConfEntry, ConfSpan, ConfValue } from './document.ts';
import type { Site } from './fault.ts';
import { identityOf } from './fields/users.ts';
import { effectiveEntries, goQuoted } from './go-values.ts';
import { entryOf } from './shapes.ts';
import { isAtLeast } from './versions.ts';

interface Identity {
  kind: 'user' | 'nkey';
  name: string;
  span: ConfSpan;
  site: Site;
}

/** Everybody that a `users` list names. */
function namedIn(site: Site): Identity[] {
  const { value } = site;
  if (value.kind !== 'list') return [];
  return value.items.flatMap((item, index) => {
    const identity = identityOf(item);
    if (identity === null) return [];
    const entry = entryOf(item, identity.kind, ...(identity.kind === 'user' ? ['username'] : []))!;
    return [{ ...identity, span: entry.value.span, site: site.item(item, index) }];
  });
}

const textOf = (value: ConfValue | undefined): string => (value?.kind === 'string' ? value.value : '');

/**
 * Clients are told apart by name alone, over all accounts; and one user or token for everybody leaves no room for others.
 */
export function checkIdentities(top: (entry: ConfEntry) => Site, entries: readonly ConfEntry[]): void {
  const whole: ConfValue = { kind: 'map', entries, span: NOWHERE, raw: '' };
  const authorization = entryOf(whole, 'authorization');
  const accounts = entryOf(whole, 'accounts');
  const lists: Site[] = [];
  if (accounts !== undefined && accounts.value.kind === 'map')
    for (const account of effectiveEntries(accounts.value.entries)) {
      const users = entryOf(account.value, 'users');
      if (users !== undefined && account.used !== true && account.key !== '$G')
        lists.push(top(accounts).inside(account).inside(users));
    }
  const inAccounts = lists.flatMap(namedIn);
  if (authorization !== undefined) {
    checkSingle(top(authorization), inAccounts);
    const users = entryOf(authorization.value, 'users');
    if (users !== undefined) lists.push(top(authorization).inside(users));
  }
  checkUnique(lists.flatMap(namedIn));
  checkCallout(authorization, accounts, top);
}

const NOWHERE: ConfSpan = { file: '', line: 1, column: 1, start: 0, end: 0 };

function checkSingle(site: Site, inAccounts: readonly Identity[]): void {
  const user = entryOf(site.value, 'user', 'username');
  const token = entryOf(site.value, 'token');
  const users = entryOf(site.value, 'users');
  const other = users?.keySpan ?? inAccounts[0]?.span;
  if (other === undefined) return;
  const what = users === undefined ? 'accounts' : 'a users array';
  for (const [entry, words] of [
    [user, 'a single user/pass'],
    [token, 'a token'],
  ] as const)
    if (entry !== undefined && textOf(entry.value) !== '')
      site.inside(entry).report({
        code: 'conflict',
        message: `Can not have ${words} and ${what}`,
        at: entry.keySpan,
        other,
      });
}

function checkUnique(identities: readonly Identity[]): void {
  const seen = new Map<string, Identity>();
  for (const identity of identities) {
    const first = seen.get(identity.name);
    if (first === undefined) seen.set(identity.name, identity);
    else
      identity.site.report({
        code: 'duplicate',
        message: `Duplicate ${identity.kind} ${goQuoted(identity.name)} detected`,
        at: identity.span,
        subject: identity.name,
        other: first.span,
      });
  }
}

/** Accounts that an authentication callout may put clients into have to be there. */
function checkCallout(
  authorization: ConfEntry | undefined,
  accounts: ConfEntry | undefined,
  top: (entry: ConfEntry) => Site,
): void {
  const callout = authorization && entryOf(authorization.value, 'auth_callout', 'auth_hook');
  const allowed = callout && entryOf(callout.value, 'allowed_accounts');
  if (allowed === undefined || allowed.value.kind !== 'list') return;
  const site = top(authorization!).inside(callout!).inside(allowed);
  if (!isAtLeast(site.version, '2.11.0')) return;
  const known = accountNames(accounts);
  for (const [index, item] of allowed.value.items.entries())
    if (item.kind === 'string' && !known.has(item.value))
      site.item(item, index).report({
        code: 'reference',
        message: `auth_callout allowed account ${goQuoted(item.value)} not found in configured accounts`,
        subject: item.value,
      });
}

export function accountNames(accounts: ConfEntry | undefined): Set<string> {
  const value = accounts?.value;
  if (value?.kind === 'map')
    return new Set(value.entries.flatMap(({ key, value: own }) => (own.kind === 'map' ? [key] : [])));
  return new Set(value?.kind === 'list' ? value.items.map((item) => textOf(item)) : []);
}
