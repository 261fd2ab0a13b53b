import type { ConfEntry, ConfValue } from './document.ts';
import type { Site } from './fault.ts';
import { effectiveEntries, goQuoted } from './go-values.ts';
import { accountNames } from './identities.ts';
import { importProblem, type ServiceImport, type StreamImport } from './import-problems.ts';
import { isPublishSubject } from './server-subjects.ts';
import { entryOf } from './shapes.ts';
import { type AccountShares, covers, type Export } from './share-subjects.ts';

const textOf = (value: ConfValue | undefined): string => (value?.kind === 'string' ? value.value : '');

/** Reads the items of a list of exports or imports; entries of the wrong type have been reported by then. */
function itemsOf(site: Site, name: string): Site[] {
  const entry = entryOf(site.value, name);
  if (entry?.value.kind !== 'list') return [];
  const place = site.inside(entry);
  return entry.value.items.map((item, index) => place.item(item, index));
}

/**
 * What accounts share with each other: exports have to be possible, and what is imported has to be exported to that
 * account, without going round in a circle.
 */
export function checkShares(top: ConfValue, siteOf: (entry: ConfEntry) => Site): void {
  const accounts = entryOf(top, 'accounts');
  if (accounts?.value.kind !== 'map') return;
  const root = siteOf(accounts);
  const names = accountNames(accounts);
  const sites = effectiveEntries(accounts.value.entries)
    .filter((entry) => entry.used !== true)
    .map((entry) => root.inside(entry));
  // Mappings at the top belong to the server's own account, which then is one to share with.
  const shares = new Map<string, AccountShares>();
  for (const name of names) shares.set(name, { name, streams: [], services: [], imports: [], routes: [] });
  const systemless = ['no_system_account', 'no_system', 'no_sys_acc'].some((name) => {
    const value = entryOf(top, name)?.value;
    return value?.kind === 'boolean' && value.value;
  });
  for (const site of sites)
    for (const item of itemsOf(site, 'exports')) addExport(item, shares.get(site.key)!, names, systemless);
  for (const kind of ['stream', 'service'] as const)
    for (const site of sites)
      for (const item of itemsOf(site, 'imports'))
        if (entryOf(item.value, kind) !== undefined) addImport(item, kind, shares.get(site.key)!, shares);
}

function addExport(site: Site, own: AccountShares, names: ReadonlySet<string>, systemless: boolean): void {
  const kind = entryOf(site.value, 'stream') === undefined ? 'service' : 'stream';
  const entry = entryOf(site.value, kind);
  if (entry === undefined) return;
  const subject = textOf(entry.value);
  const refuse = (message: string, code: 'reference' | 'subject' = 'subject'): void =>
    site.report({ code, message, subject });
  const listed = entryOf(site.value, 'accounts')?.value;
  const to = listed?.kind === 'list' ? listed.items.map(textOf) : [];
  const known = to.filter((name) => names.has(name));
  for (const name of to)
    if (!names.has(name)) refuse(`${goQuoted(name)} account not defined for ${kind} export`, 'reference');
  const position = entryOf(site.value, 'account_token_position')?.value;
  // A negative number becomes a very large one.
  const at = position?.kind === 'integer' ? Number(BigInt.asUintN(64, position.value)) : 0;
  if (at > 0 && subject.split('.')[at - 1] !== '*')
    refuse(`Error adding ${kind} export ${goQuoted(subject)}: invalid subject`);
  const response = textOf(entryOf(site.value, 'response', 'response_type')?.value).toLowerCase();
  const exported: Export = {
    subject,
    position: at,
    to: known.length === 0 ? null : known,
    single: ['', 'single', 'singleton'].includes(response),
  };
  (kind === 'stream' ? own.streams : own.services).push(exported);
  if (kind === 'service') checkLatency(site, own, exported, systemless);
}

function checkLatency(site: Site, own: AccountShares, exported: Export, systemless: boolean): void {
  const latency = entryOf(site.value, 'latency');
  if (latency === undefined) return;
  const { value } = latency;
  const results =
    value.kind === 'map'
      ? textOf(value.entries.findLast(({ key }) => key === 'subject')?.value)
      : textOf(value);
  const { subject, single } = exported;
  const problem = systemless
    ? 'system account not setup'
    : !isPublishSubject(results) || own.services.some((service) => covers(service.subject, results))
      ? 'invalid publish subject'
      : single
        ? null
        : 'bad service response type';
  if (problem !== null)
    site.inside(latency).report({
      code: 'conflict',
      message: `Error adding service latency sampling for ${goQuoted(subject)} on subject ${goQuoted(results)}: ${problem}`,
    });
}

function addImport(
  site: Site,
  kind: 'stream' | 'service',
  own: AccountShares,
  shares: ReadonlyMap<string, AccountShares>,
): void {
  const source = entryOf(site.value, kind)!.value;
  const account = textOf(entryOf(source, 'account')?.value);
  const subject = textOf(entryOf(source, 'subject')?.value);
  const from = shares.get(account);
  if (from === undefined) {
    site.report({
      code: 'reference',
      message: `${goQuoted(account)} account not defined for ${kind} import`,
      subject: account,
    });
    return;
  }
  const to = textOf(entryOf(site.value, 'to')?.value);
  const wanted: StreamImport | ServiceImport =
    kind === 'stream'
      ? { kind, from, subject, to, prefix: textOf(entryOf(site.value, 'prefix')?.value) }
      : { kind, from, subject, to: to || subject };
  const problem = importProblem(own, wanted, site.version);
  if (problem !== null)
    site.report({
      code: 'reference',
      message: `Error adding ${kind} import ${goQuoted(subject)}: ${problem}`,
      subject,
    });
}
