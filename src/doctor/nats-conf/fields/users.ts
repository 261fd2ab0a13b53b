import { type Block, block, field } from '../blocks.ts';
import type { ConfValue } from '../document.ts';
import type { Site } from '../fault.ts';
import { goQuoted } from '../go-values.ts';
import { isPublicKey } from '../nkeys.ts';
import { boolean, entryOf, list, type Shape, text, texts } from '../shapes.ts';
import { isAtLeast } from '../versions.ts';
import { permissions } from './permissions.ts';

const CONNECTIONS = ['STANDARD', 'WEBSOCKET', 'LEAFNODE', 'LEAFNODE_WS', 'MQTT', 'MQTT_WS'];

const connectionTypes: Shape = {
  text: `a list of ${CONNECTIONS.join(', ')}`,
  check(site) {
    texts('allowed connection types').check(site);
    const { value } = site;
    const items = value.kind === 'list' ? value.items : [value];
    const known = isAtLeast(site.version, '2.11.0') ? [...CONNECTIONS, 'IN_PROCESS'] : CONNECTIONS;
    const unknown = items.flatMap((item) =>
      item.kind === 'string' && !known.includes(item.value.toUpperCase()) ? [item.value.toUpperCase()] : [],
    );
    if (unknown.length > 0)
      site.report({
        code: 'choice',
        message: `invalid connection types [${unknown.map(goQuoted).join(' ')}]`,
        wanted: this.text,
      });
  },
};

const user: Block = {
  fields: [
    field('user username', text()),
    field('password pass', text()),
    field('nkey', text()),
    field('permissions permission authorization', permissions),
    field('allowed_connection_types connection_types clients', connectionTypes),
    field('proxy_required', boolean, '2.12.0'),
  ],
};

const textOf = (value: ConfValue | undefined): string => (value?.kind === 'string' ? value.value : '');

/** Whom a user entry names, as the server sees it; null when it names nobody. */
export function identityOf(value: ConfValue): { kind: 'user' | 'nkey'; name: string } | null {
  const nkey = textOf(entryOf(value, 'nkey')?.value);
  const name = textOf(entryOf(value, 'user', 'username')?.value);
  if (nkey !== '') return { kind: 'nkey', name: nkey };
  return name === '' ? null : { kind: 'user', name };
}

function checkIdentity(site: Site): void {
  const named = entryOf(site.value, 'user', 'username') ?? entryOf(site.value, 'nkey');
  // A name of the wrong type is reported as that.
  if (named !== undefined && named.value.kind !== 'string') return;
  const identity = identityOf(site.value);
  if (identity === null) site.report({ code: 'missing', message: 'User entry requires a user' });
  else if (identity.kind === 'nkey') checkKey(site, identity.name);
}

function checkKey(site: Site, name: string): void {
  const key = entryOf(site.value, 'nkey')!;
  const own = entryOf(site.value, 'user', 'username', 'password', 'pass');
  if (!isPublicKey(name, 'user'))
    site.report({
      code: 'key',
      message: 'Not a valid public nkey for a user',
      at: key.value.span,
      subject: name,
    });
  else if (own !== undefined && textOf(own.value) !== '')
    site.report({
      code: 'conflict',
      message: 'Nkey users do not take usernames or passwords',
      at: own.keySpan,
      other: key.keySpan,
    });
}

export const users: Shape = list(
  block(user, () => 'Expected user entry to be a map/struct', checkIdentity),
  () => 'Expected users field to be an array',
);

const leafUser: Block = {
  fields: [
    field('user username', text()),
    field('password pass', text()),
    field('account', text()),
    field('proxy_required', boolean, '2.12.0'),
  ],
};

/** Users of leaf nodes: names and accounts only. */
export const leafUsers: Shape = list(
  block(leafUser, () => 'Expected user entry to be a map/struct'),
  () => 'Expected users field to be an array',
);
