import { type Block, checkBlock, field } from '../blocks.ts';
import type { ConfValue } from '../document.ts';
import type { Site } from '../fault.ts';
import { effectiveEntries, goInteger, goQuoted, goType } from '../go-values.ts';
import { isValidSubject } from '../server-subjects.ts';
import { entryOf, type Shape, text } from '../shapes.ts';
import { destinationProblem, transformProblem } from '../transforms.ts';
import { isAtLeast } from '../versions.ts';

const WEIGHT = 'a percentage from 0 to 100';

const weight: Shape = {
  text: WEIGHT,
  check(site) {
    const { value } = site;
    const report = (code: 'range' | 'type', message: string): void =>
      site.report({ code, message, wanted: WEIGHT });
    if (value.kind !== 'string' && value.kind !== 'integer') {
      report('type', `Unknown entry type for weight of ${value.raw}`);
      return;
    }
    const number = weightOf(value);
    if (number === null)
      report('range', `Invalid weight ${goQuoted(String(value.value))} for mapping destination`);
    else if (number < 0n || number > 100n)
      report('range', `Invalid weight ${number} for mapping destination`);
  },
};

function weightOf(value: ConfValue | undefined): bigint | null {
  if (value?.kind === 'integer') return value.value;
  return value?.kind === 'string' ? goInteger(value.value.replace(/%$/, '')) : null;
}

const destination: Block = {
  fields: [field('destination dest', text()), field('weight', weight), field('cluster', text())],
  unknown: (key) => `Unknown field ${goQuoted(key)} for mapping destination`,
  strict: true,
};

interface Destination {
  subject: string;
  weight: number;
  cluster: string;
}

const textOf = (value: ConfValue | undefined): string => (value?.kind === 'string' ? value.value : '');

function readDestination(site: Site): Destination | null {
  const { value } = site;
  if (value.kind !== 'map') {
    site.report({
      code: 'type',
      message: 'Expected an entry for the mapping destination',
      wanted: 'a block',
    });
    return null;
  }
  checkBlock(site, value.entries, destination);
  const subject = textOf(entryOf(value, 'dest', 'destination')?.value);
  const share = entryOf(value, 'weight')?.value;
  if (share === undefined)
    site.report({ code: 'missing', message: `Missing weight for mapping destination ${goQuoted(subject)}` });
  const part = weightOf(share);
  if (part === null || part < 0n || part > 100n) return null;
  return { subject, weight: Number(part), cluster: textOf(entryOf(value, 'cluster')?.value) };
}

/** What the server says to a mapping; null when it takes it. */
function mappingProblem(
  source: string,
  destinations: readonly Destination[],
  version: string,
): string | null {
  const seen = new Set<string>();
  const total = new Map<string, number>();
  for (const { subject, weight: part, cluster } of destinations) {
    if (seen.has(subject)) return `duplicate entry for ${goQuoted(subject)}`;
    seen.add(subject);
    const group = isAtLeast(version, '2.10.0') ? cluster : '';
    total.set(group, (total.get(group) ?? 0) + part);
    if (total.get(group)! > 100) return 'total weight needs to be <= 100';
    const problem =
      destinationProblem(subject, version) ?? transformProblem(source, subject, { strict: false, version });
    if (problem !== null) return problem;
  }
  return null;
}

function checkMapping(site: Site): void {
  const { key: source, value, version } = site;
  if (!isValidSubject(source)) {
    site.report({
      code: 'subject',
      message: `Subject ${goQuoted(source)} is not a valid subject`,
      at: site.entry.keySpan,
      subject: source,
    });
    return;
  }
  const destinations =
    value.kind === 'string'
      ? [{ subject: value.value, weight: 100, cluster: '' }]
      : value.kind === 'list'
        ? value.items.flatMap((item, index) => readDestination(site.item(item, index)) ?? [])
        : [readDestination(site)].filter((read) => read !== null);
  const problem = mappingProblem(source, destinations, version);
  if (problem === null) return;
  const to = value.kind === 'string' ? ` to ${goQuoted(value.value)}` : '';
  site.report({
    code: 'subject',
    message: `Error adding mapping for ${goQuoted(source)}${to} : ${problem}`,
    subject: source,
  });
}

/** Subjects that are published to others than they are sent to. */
export const mappings: Shape = {
  text: 'a block of subjects and their destinations',
  check(site) {
    if (site.value.kind !== 'map')
      site.report({
        code: 'type',
        message: `interface conversion: interface {} is ${goType(site.value)}, not map[string]interface {}`,
        wanted: 'a block',
      });
    else for (const entry of effectiveEntries(site.value.entries)) checkMapping(site.inside(entry));
  },
};
