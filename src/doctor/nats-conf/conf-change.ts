import type { ConfEntry, ConfValue } from './document.ts';
import { parseConf } from './parse.ts';

/**
 * What has to happen for a running server to follow another nats.conf: `reload` = it reads the file again while it runs
 * (SIGHUP); `rolling` = a restart, of a cluster one server after the other; `together` = all of them at once, because
 * servers with the one and with the other do not get along.
 */
export type ConfConsequence = 'nothing' | 'reload' | 'rolling' | 'together';

export interface ConfChange {
  consequence: ConfConsequence;
  /** The settings that differ, such as `accounts.APP.users` or `max_pending`; never a value, for values hold secrets. */
  settings: readonly string[];
}

/**
 * As nats-server 2.9, 2.10 and 2.15 answered a SIGHUP after a change of each of them ("config reload not supported
 * for …"), except that a change of the stores and of who has JetStream restarts here in any case: servers before 2.12 refuse the one,
 * and streams of an account come and go only with a start.
 */
const RELOADED = new Set(['authorization', 'max_payload', 'max_connections']);
const ONE_BY_ONE = new Set(['max_pending', 'jetstream', 'server_tags']);

const ORDER: readonly ConfConsequence[] = ['nothing', 'reload', 'rolling', 'together'];

/** Both as text. What cannot be read is nothing that a server runs with, so that it takes a restart to be sure. Pure. */
export function confChange(before: string, after: string): ConfChange {
  const [old, wanted] = [entriesOf(before), entriesOf(after)];
  if (old === null) return { consequence: 'rolling', settings: [] };
  const names = namesOf(old, wanted ?? []);
  const found = names.flatMap((name) =>
    differences(name, valueNamed(old, name), valueNamed(wanted ?? [], name)),
  );
  const consequence = found.reduce<ConfConsequence>((most, one) => worse(most, one.consequence), 'nothing');
  return { consequence, settings: found.map(({ setting }) => setting) };
}

export const worse = (one: ConfConsequence, other: ConfConsequence): ConfConsequence =>
  ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other;

interface Difference {
  setting: string;
  consequence: ConfConsequence;
}

function differences(name: string, old: ConfValue | undefined, wanted: ConfValue | undefined): Difference[] {
  if (print(old) === print(wanted)) return [];
  if (name === 'accounts') return accountDifferences(old, wanted);
  const consequence = RELOADED.has(name) ? 'reload' : ONE_BY_ONE.has(name) ? 'rolling' : 'together';
  const inside = name === 'jetstream' ? insideOf(name, old, wanted) : null;
  if (inside?.includes('jetstream.store_dir'))
    return [{ setting: 'jetstream.store_dir', consequence: 'together' }];
  return (inside ?? [name]).map((setting) => ({ setting, consequence }));
}

/** Users and limits of an account are read again; whether there is one, and whether it has JetStream, is not. */
function accountDifferences(old: ConfValue | undefined, wanted: ConfValue | undefined): Difference[] {
  const [before, after] = [entriesIn(old), entriesIn(wanted)];
  return namesOf(before, after, false).flatMap((account): Difference[] => {
    const [was, is] = [valueNamed(before, account, false), valueNamed(after, account, false)];
    if (print(was) === print(is)) return [];
    const setting = `accounts.${account}`;
    if (was === undefined || is === undefined) return [{ setting, consequence: 'rolling' }];
    return namesOf(entriesIn(was), entriesIn(is)).flatMap((part): Difference[] => {
      const [one, other] = [valueNamed(entriesIn(was), part), valueNamed(entriesIn(is), part)];
      if (print(one) === print(other)) return [];
      const known = part === 'users' || (part === 'jetstream' && one !== undefined && other !== undefined);
      return [{ setting: `${setting}.${part}`, consequence: known ? 'reload' : 'rolling' }];
    });
  });
}

function insideOf(name: string, old: ConfValue | undefined, wanted: ConfValue | undefined): string[] | null {
  const [before, after] = [entriesIn(old), entriesIn(wanted)];
  if (before.length === 0 || after.length === 0) return null;
  return namesOf(before, after)
    .filter((part) => print(valueNamed(before, part)) !== print(valueNamed(after, part)))
    .map((part) => `${name}.${part}`);
}

/** null when the text is no nats.conf. Includes and variables are none of ours, so that they are a difference. */
function entriesOf(text: string): readonly ConfEntry[] | null {
  const { entries, problems } = parseConf('nats.conf', text, {
    read: () => ({ error: 'missing', reason: 'nothing is included' }),
    env: {},
  });
  return problems.length > 0 ? null : entries;
}

const entriesIn = (value: ConfValue | undefined): readonly ConfEntry[] =>
  value?.kind === 'map' ? value.entries : [];

/** Names of settings are compared without case, those of accounts with it; the last of several wins. */
const namesOf = (one: readonly ConfEntry[], other: readonly ConfEntry[], folded = true): string[] => [
  ...new Set([...one, ...other].map(({ key }) => (folded ? key.toLowerCase() : key))),
];

const valueNamed = (entries: readonly ConfEntry[], name: string, folded = true): ConfValue | undefined =>
  entries.findLast(({ key }) => (folded ? key.toLowerCase() : key) === name)?.value;

/** A value as text that is the same for the same meaning, whatever its layout. */
function print(value: ConfValue | undefined): string {
  if (value === undefined) return '';
  if (value.kind === 'list') return `[${value.items.map(print).join(',')}]`;
  if (value.kind === 'map')
    return `{${[...value.entries.map(({ key, value: inner }) => `${JSON.stringify(key)}:${print(inner)}`)].sort().join(',')}}`;
  return `${value.kind} ${JSON.stringify(String(value.value))}`;
}
