import { type Block, block, checkBlock, field } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { effectiveEntries, goInteger, goQuoted, goType } from '../go-values.ts';
import { isPublicKey } from '../nkeys.ts';
import { isPublishSubject } from '../server-subjects.ts';
import { entryOf, integer, type Shape } from '../shapes.ts';
import { accountExports } from './exports.ts';
import { accountImports } from './imports.ts';
import { accountJetStream } from './jetstream.ts';
import { mappings } from './mappings.ts';
import { permissions } from './permissions.ts';
import { users } from './users.ts';

const limits: Block = {
  fields: [
    field('max_connections max_conn', integer()),
    field('max_subscriptions max_subs', integer()),
    field('max_payload max_pay', integer()),
    field('max_leafnodes max_leafs', integer()),
  ],
  unknown: (key) => `Unknown field ${goQuoted(key)} parsing account limits`,
};

const key: Shape = {
  text: "an account's public nkey",
  check(site) {
    const { value } = site;
    if (value.kind !== 'string' || !isPublicKey(value.value, 'account'))
      site.report({
        code: 'key',
        message: `Not a valid public nkey for an account: ${value.kind === 'string' ? goQuoted(value.value) : value.raw}`,
      });
  },
};

const traceDestination: Shape = {
  text: 'a subject',
  check(site) {
    const { key: name, value } = site;
    if (value.kind !== 'string')
      site.report({
        code: 'type',
        message: `Field ${goQuoted(name)} should be a string, got ${goType(value)}`,
        wanted: 'a subject',
      });
    else if (!isPublishSubject(value.value))
      site.report({
        code: 'subject',
        message: `Trace destination ${goQuoted(value.value)} is not valid`,
        subject: value.value,
      });
  },
};

const traceSampling: Shape = {
  text: 'a percentage from 1 to 100',
  check(site) {
    const { key: name, value } = site;
    if (value.kind !== 'integer' && value.kind !== 'string') {
      site.report({
        code: 'type',
        message: `Trace destination sampling field ${goQuoted(name)} should be an integer or a percentage, got ${goType(value)}`,
        wanted: this.text,
      });
      return;
    }
    const number = value.kind === 'integer' ? value.value : goInteger(value.value.replace(/%$/, ''));
    if (number === null)
      site.report({
        code: 'range',
        message: `Invalid trace destination sampling value ${goQuoted(String(value.value))}`,
        wanted: this.text,
      });
    else if (number <= 0n || number > 100n)
      site.report({
        code: 'range',
        message: `Ttrace destination sampling value ${number} is invalid, needs to be [1..100]`,
        wanted: this.text,
      });
  },
};

const trace: Shape = {
  text: 'a subject, or { dest, sampling }',
  check(site) {
    const { key: name, value } = site;
    if (value.kind === 'string') traceDestination.check(site);
    else if (value.kind !== 'map')
      site.report({
        code: 'type',
        message: `Expected account message trace ${goQuoted(name)} to be a string or a map/struct, got ${goType(value)}`,
        wanted: this.text,
      });
    else {
      checkBlock(site, value.entries, {
        fields: [field('dest', traceDestination), field('sampling', traceSampling)],
        unknown: (unknown) =>
          `Unknown field ${goQuoted(unknown)} parsing account message trace map/struct ${goQuoted(name)}`,
      });
      const destination = entryOf(value, 'dest')?.value;
      if (
        entryOf(value, 'sampling') !== undefined &&
        (destination === undefined || (destination.kind === 'string' && destination.value === ''))
      )
        site.report({
          code: 'missing',
          severity: 'warning',
          message: 'Trace destination sampling ignored since no destination was set',
        });
    }
  },
};

const table: Block = {
  fields: [
    field('nkey', key),
    field('imports', accountImports),
    field('exports', accountExports),
    field('jetstream', accountJetStream),
    field('users', users),
    field('default_permissions', permissions),
    field('mappings maps', mappings),
    field(
      'limits',
      block(limits, () => 'Expected account limits to be a map/struct'),
      '2.7.0',
    ),
    field('msg_trace trace_dest', trace, '2.11.0'),
  ],
};

const reserved = (site: Site, name: string): boolean => {
  if (name === '$G')
    site.report({ code: 'name', message: '"$G" is a Reserved Account', at: site.entry.keySpan });
  return name === '$G';
};

function checkNames(site: Site): void {
  if (site.value.kind !== 'list') return;
  const seen = new Set<string>();
  for (const [index, item] of site.value.items.entries()) {
    const place = site.item(item, index);
    if (item.kind !== 'string')
      place.report({
        code: 'type',
        message: `interface conversion: interface {} is ${goType(item)}, not string`,
        wanted: 'a name',
      });
    else if (!reserved(place, item.value) && seen.has(item.value))
      place.report({
        code: 'duplicate',
        message: `Duplicate Account Entry: ${item.value}`,
        subject: item.value,
      });
    if (item.kind === 'string') seen.add(item.value);
  }
}

/** A block of accounts, or a list of their names. Values of other types are passed over, as the server does. */
export const accounts: Shape = {
  text: 'a block of accounts',
  check(site) {
    checkNames(site);
    if (site.value.kind !== 'map') return;
    for (const entry of effectiveEntries(site.value.entries)) {
      // A variable that lives among the accounts.
      if (entry.used === true) continue;
      const place = site.inside(entry);
      if (entry.value.kind !== 'map')
        place.report({ code: 'type', message: 'Expected map entries for accounts', wanted: 'a block' });
      else if (!reserved(place, entry.key)) checkBlock(place, entry.value.entries, table);
    }
  },
};
