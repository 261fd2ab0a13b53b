import type { ConfEntry, ConfValue } from '../document.ts';
import type { Site } from '../fault.ts';
import { isUrl } from '../go-addresses.ts';
import { goQuoted, goType } from '../go-values.ts';
import { isPublicKey } from '../nkeys.ts';
import { only, type Shape } from '../shapes.ts';
import { durationProblem } from '../time-shapes.ts';
import { isAtLeast } from '../versions.ts';

const TYPES: Readonly<Record<string, 'string' | 'boolean' | 'integer'>> = {
  dir: 'string',
  type: 'string',
  allow_delete: 'boolean',
  hard_delete: 'boolean',
  limit: 'integer',
  ttl: 'string',
  interval: 'string',
  timeout: 'string',
};

const GO: Readonly<Record<string, string>> = { string: 'string', boolean: 'bool', integer: 'int64' };

/** Names count as they are written there, and others are not looked at. */
const exactly = (value: ConfValue, name: string): ConfEntry | undefined =>
  value.kind === 'map' ? value.entries.findLast(({ key }) => key === name) : undefined;

function checkFolder(site: Site): void {
  for (const [name, wanted] of Object.entries(TYPES)) {
    const entry = exactly(site.value, name);
    if (entry === undefined) continue;
    const place = site.inside(entry);
    if (entry.value.kind !== wanted)
      place.report({
        code: 'type',
        message: `interface conversion: interface {} is ${goType(entry.value)}, not ${GO[wanted]}`,
      });
    else if (['ttl', 'interval', 'timeout'].includes(name) && entry.value.kind === 'string') {
      const problem = durationProblem(entry.value.value);
      if (problem !== null) place.report({ code: 'duration', message: problem });
    }
  }
  const textOf = (name: string): string => {
    const value = exactly(site.value, name)?.value;
    return value?.kind === 'string' ? value.value : '';
  };
  const has = (name: string): boolean => exactly(site.value, name) !== undefined;
  const conflict = (message: string): void => site.report({ code: 'conflict', message });
  const kind = textOf('type').toUpperCase();
  // Before 2.9.21 a block was for folders only.
  const inMemory = isAtLeast(site.version, '2.9.21') ? ['MEM', 'MEMORY'] : [];
  const wantsFolder = ['CACHE', 'FULL'].includes(kind) || inMemory.length === 0;
  if (wantsFolder && textOf('dir') === '')
    site.report({ code: 'missing', message: 'dir has no value and needs to point to a directory' });
  if (kind === 'CACHE' && has('interval')) conflict('CACHE does not accept sync');
  if (kind === 'CACHE' && has('allow_delete')) conflict('CACHE does not accept allow_delete');
  if (kind === 'CACHE' && has('hard_delete')) conflict('CACHE does not accept hard_delete');
  if (kind === 'FULL' && has('ttl')) conflict('FULL does not accept ttl');
  if (kind === 'FULL' && has('hard_delete') && !has('allow_delete'))
    conflict('hard_delete has no effect without delete');
  if (!['CACHE', 'FULL', ...inMemory].includes(kind)) refuse(site);
}

const refuse = (site: Site): void =>
  site.report({
    code: 'choice',
    message:
      'error parsing account resolver, should be MEM or  URL("url") or a map containing dir and type state=[FULL|CACHE])',
  });

/** Where accounts come from in operator mode. Folders and servers behind it are not looked at. */
export const resolver: Shape = only(
  ['string', 'map'],
  ({ value }) => `error parsing operator resolver, wrong type ${goType(value)}`,
  'MEMORY, URL(…) or a block',
  (site) => {
    const { value } = site;
    if (value.kind === 'map') checkFolder(site);
    if (value.kind !== 'string' || /(MEM|MEMORY)\s*/i.test(value.value)) return;
    const match = /(?:URL)(?:\(\s*"?([^\s"]*)"?\s*\))?\s*/i.exec(value.value);
    if (match === null) refuse(site);
    else if (!isUrl(match[1] ?? ''))
      site.report({
        code: 'url',
        message: `error parsing account resolver url [${goQuoted(match[1] ?? '')}]`,
      });
  },
);

/** Operators' public keys. */
export const trustedKeys: Shape = {
  text: 'public nkeys of operators',
  check(site) {
    const { value } = site;
    if (value.kind !== 'string' && value.kind !== 'list') {
      site.report({ code: 'type', message: `error parsing trusted: unsupported type ${goType(value)}` });
      return;
    }
    const items = value.kind === 'list' ? value.items : [value];
    for (const [index, item] of items.entries()) {
      const place = site.item(item, index);
      if (item.kind !== 'string')
        place.report({
          code: 'type',
          message: `error parsing trusted: unsupported type in array ${goType(item)}`,
        });
      else if (!isPublicKey(item.value, 'operator'))
        place.report({
          code: 'key',
          message: `trust key ${goQuoted(item.value)} required to be a valid public operator nkey`,
        });
    }
  },
};
