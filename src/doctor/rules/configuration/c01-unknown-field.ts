import { nearest } from '../../../topology/nearest.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import type { ConfEntry } from '../../nats-conf/document.ts';
import { defineRule } from '../../rule.ts';
import { type Refusal, refusals, refused, replaced } from './refusals.ts';

/** C01: a field that no version of nats-server has in that block. */
export const c01UnknownField = defineRule({
  id: 'C01',
  title: 'unknown field in nats.conf',
  severity: 'error',
  meaning: 'A block of nats.conf holds a field that nats-server does not have there.',
  cause:
    'nats-server refuses to start with a field that it does not know. Names differ between blocks: max_memory is legal in the jetstream block of an account and unknown in that of the server, where it is max_memory_store; and command-line flags have other names than fields.',
  fix: 'Write the name that the block has, or move the field to the block that it belongs to. `nats-server -t -c nats.conf` checks a file without starting anything.',
  symptoms: ['nats-server: nats.conf:26:4: unknown field "max_memory"', 'unknown field'],
  // With a byte order mark in front it is C20.
  matches: [/unknown field "(?!\\ufeff|\ufeff)[^"]+"/],
  *static(facts) {
    for (const refusal of refusals(facts, 'C01')) {
      const { fault, span, version } = refusal;
      const [key = '', ...outer] = [...(fault?.path ?? [])].reverse();
      const where = outer.find((step) => !/^\d+$/.test(step));
      const meant = likely(key, fault?.known ?? []);
      yield refused(refusal, {
        place: placeOf(span),
        cause: `nats-server ${version} has no field "${key}" ${where === undefined ? 'at the top of nats.conf' : `in ${where}`}.`,
        fix:
          meant === undefined
            ? `Take it out, or move it to the block that it belongs to.${listed(fault?.known ?? [])}`
            : `Write ${meant} in its place.`,
        ...(meant !== undefined && !isTaken(refusal, meant) && { edits: replaced(span, meant) }),
      });
    }
  },
});

/** The field that an abbreviation begins, before one that merely looks alike: max_memory is max_memory_store, not max_mem. */
const likely = (key: string, known: readonly string[]): string | undefined =>
  (key.length > 2 ? known.find((name) => name.startsWith(key.toLowerCase())) : undefined) ??
  nearest(key, known);

const listed = (known: readonly string[]): string =>
  known.length === 0 || known.length > 20 ? '' : ` The block knows ${known.join(', ')}.`;

/** A second one of that name would win over the first, in silence. */
function isTaken({ document, fault }: Refusal, name: string): boolean {
  let entries: readonly ConfEntry[] = document.entries;
  let current: { value: ConfEntry['value'] } | undefined;
  for (const step of fault?.path.slice(0, -1) ?? []) {
    const within: { value: ConfEntry['value'] } | undefined = current;
    current =
      within?.value.kind === 'list'
        ? toEntry(within.value.items[Number(step)])
        : entries.find(({ key }) => key === step);
    entries = current?.value.kind === 'map' ? current.value.entries : [];
  }
  return entries.some(({ key }) => key.toLowerCase() === name);
}

const toEntry = (value: ConfEntry['value'] | undefined) => (value === undefined ? undefined : { value });
