import { type Block, block, field } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { goQuoted } from '../go-values.ts';
import { isPublicKey } from '../nkeys.ts';
import { anything, boolean, entryOf, list, type Shape, text } from '../shapes.ts';
import { seconds } from '../time-shapes.ts';
import { isAtLeast } from '../versions.ts';
import { permissions } from './permissions.ts';
import { leafUsers, users } from './users.ts';

const namedList = (what: string): Shape =>
  list(text(), () => `Expected ${what} field to be an array, got *conf.token`);

const callout: Block = {
  fields: [
    field(
      'issuer',
      text((site, value) => {
        if (!isPublicKey(value, 'account'))
          site.report({
            code: 'key',
            message: `Expected callout user to be a valid public account nkey, got ${goQuoted(value)}`,
          });
      }),
    ),
    field('account acc', text()),
    field('auth_users users', namedList('auth_users')),
    field(
      'xkey key',
      text((site, value) => {
        if (!isPublicKey(value, 'curve'))
          site.report({
            code: 'key',
            message: `Expected callout xkey to be a valid public xkey, got ${goQuoted(value)}`,
          });
      }),
    ),
    field('allowed_accounts', namedList('allowed accounts'), '2.11.0'),
  ],
  unknown: (key) => `Unknown field ${goQuoted(key)} parsing authorization callout`,
};

function checkCallout(site: Site): void {
  const issuer = entryOf(site.value, 'issuer')?.value;
  if (issuer === undefined || (issuer.kind === 'string' && issuer.value === ''))
    site.report({ code: 'missing', message: 'Authorization callouts require an issuer to be specified' });
  const named = entryOf(site.value, 'auth_users', 'users')?.value;
  if (named === undefined || (named.kind === 'list' && named.items.length === 0))
    site.report({
      code: 'missing',
      message: 'Authorization callouts require authorized users to be specified',
    });
}

const timeout = (where: string): Shape =>
  seconds((problem) => `error parsing ${where} config, 'timeout' ${problem}`, {
    checked: (version) => isAtLeast(version, '2.11.2'),
    warns: true,
  });

const table: Block = {
  fields: [
    field('user username', text()),
    field('password pass', text()),
    field('token', text()),
    field('timeout', timeout('authorization')),
    field('users', users),
    field('default_permissions default_permission permissions', permissions),
    field(
      'auth_callout auth_hook',
      block(callout, () => 'Expected authorization callout to be a map/struct', checkCallout),
      '2.10.0',
    ),
    field('proxy_required', boolean, '2.12.0'),
  ],
};

const isSaid = (site: Site, ...names: string[]): boolean => {
  const value = entryOf(site.value, ...names)?.value;
  return value?.kind === 'string' && value.value !== '';
};

/** Of the clients of the server. What it must not say together with accounts is in `identities.ts`. */
export const authorization: Shape = block(table, undefined, (site) => {
  const token = entryOf(site.value, 'token');
  if (isSaid(site, 'token') && (isSaid(site, 'user', 'username') || isSaid(site, 'pass', 'password')))
    site.report({
      code: 'conflict',
      message: 'Cannot have a user/pass and token',
      at: token!.keySpan,
    });
});

/** Of routes and gateways, who log in as one. */
export const linkAuthorization = (what: 'Cluster' | 'Gateway'): Shape =>
  block(table, undefined, (site) => {
    const refuse = (name: string, message: string): void => {
      const entry = entryOf(site.value, name);
      site.report({ code: 'conflict', message, ...(entry === undefined ? {} : { at: entry.keySpan }) });
    };
    if (entryOf(site.value, 'users') !== undefined)
      refuse('users', `${what} authorization does not allow multiple users`);
    if (isSaid(site, 'token')) refuse('token', `${what} authorization does not support tokens`);
    for (const name of ['auth_callout', 'auth_hook'])
      if (entryOf(site.value, name) !== undefined && isAtLeast(site.version, '2.10.0'))
        refuse(name, `${what} authorization does not support callouts`);
    const permitted = entryOf(site.value, 'default_permission', 'default_permissions', 'permissions');
    if (what === 'Cluster' && permitted !== undefined)
      site.report({
        code: 'deprecated',
        severity: 'warning',
        message: `invalid use of field "authorization": setting "permissions" within cluster authorization block is deprecated`,
        at: permitted.keySpan,
      });
  });

const leaf: Block = {
  fields: [
    field('user username', text()),
    field('password pass', text()),
    field(
      'nkey',
      text((site, value) => {
        if (!isPublicKey(value, 'user'))
          site.report({ code: 'key', message: 'Not a valid public nkey for leafnode authorization' });
      }),
      '2.10.8',
    ),
    field('timeout', timeout('leafnode authorization')),
    field('users', leafUsers),
    field('account', text()),
    field('proxy_required', boolean, '2.12.0'),
  ],
};

export const leafAuthorization: Shape = block(leaf, undefined, (site) => {
  const named = entryOf(site.value, 'users')?.value;
  if (named?.kind !== 'list' || named.items.length === 0) return;
  if (isSaid(site, 'user', 'username'))
    site.report({ code: 'conflict', message: 'can not have a single user/pass and a users array' });
  if (isSaid(site, 'nkey') && isAtLeast(site.version, '2.10.8'))
    site.report({ code: 'conflict', message: 'can not have a single nkey and a users array' });
  const seen = new Set<string>();
  for (const [index, item] of named.items.entries()) {
    const value = entryOf(item, 'user', 'username')?.value;
    const name = value?.kind === 'string' ? value.value : '';
    if (seen.has(name))
      site.item(item, index).report({
        code: 'duplicate',
        message: `duplicate user ${goQuoted(name)} detected in leafnode authorization`,
        subject: name,
      });
    seen.add(name);
  }
});

const simple: Block = {
  fields: [
    field('user username', text()),
    field('password pass', text()),
    field('token', text()),
    field('timeout', anything),
  ],
};

/** Of WebSocket and MQTT clients. */
export const simpleAuthorization: Shape = block(simple);
