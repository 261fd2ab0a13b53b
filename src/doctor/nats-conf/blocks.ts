import type { ConfEntry } from './document.ts';
import type { Site } from './fault.ts';
import { effectiveEntries, goQuoted, goType } from './go-values.ts';
import type { Shape } from './shapes.ts';
import { isAtLeast } from './versions.ts';

/**
 * Since which version a field exists. Of several versions all but the last are of series that got it later: it is in
 * those from there to the end of their series.
 */
export type Since = string | readonly string[];

export interface Field {
  /** All its names, the usual one first. */
  names: readonly string[];
  shape: Shape;
  /** Default: 2.2 or earlier. */
  since?: Since;
}

export interface Block {
  fields: readonly Field[];
  /** What the server says to a field that it does not know. Default: `unknown field "x"`. */
  unknown?(key: string): string;
  /** Names count as they are written, not in any case. */
  exact?: boolean;
  /** Fields that no `$NAME` excuses. */
  strict?: boolean;
}

export const field = (names: string, shape: Shape, since?: Since): Field => ({
  names: names.split(' '),
  shape,
  ...(since === undefined ? {} : { since }),
});

const listOf = (since: Since): readonly string[] => (typeof since === 'string' ? [since] : since);

/** Does that version have it? */
export function hasAppeared(since: Since | undefined, version: string): boolean {
  if (since === undefined) return true;
  const versions = listOf(since);
  return versions.some((least, index) => {
    if (!isAtLeast(version, least)) return false;
    const series = least.split('.').slice(0, 2).join('.');
    return index === versions.length - 1 || version.startsWith(`${series}.`);
  });
}

/** In words: `2.10.0`, or `2.11.11 and 2.12.2`. */
export const shownSince = (since: Since): string => listOf(since).join(' and ');

export function checkBlock(site: Site, entries: readonly ConfEntry[], block: Block): void {
  let known: readonly string[] | undefined;
  for (const entry of effectiveEntries(entries)) {
    const name = block.exact ? entry.key : entry.key.toLowerCase();
    const found = block.fields.find(({ names }) => names.includes(name));
    if (found !== undefined && hasAppeared(found.since, site.version)) found.shape.check(site.inside(entry));
    else if (entry.used !== true || block.strict) {
      // Once for a block: a file that is something else altogether has a hundred thousand fields in it.
      known ??= knownFields(block, site.version);
      reportUnknown(site.inside(entry), block, found, known);
    }
  }
}

const knownFields = ({ fields }: Block, version: string): readonly string[] =>
  fields.filter(({ since }) => hasAppeared(since, version)).flatMap(({ names }) => names);

function reportUnknown(
  site: Site,
  { unknown }: Block,
  found: Field | undefined,
  known: readonly string[],
): void {
  const { key, entry } = site;
  site.report({
    code: 'unknown-field',
    message: unknown?.(key) ?? `unknown field ${goQuoted(key)}`,
    at: entry.keySpan,
    subject: key,
    known,
    ...(found?.since === undefined ? {} : { since: shownSince(found.since) }),
  });
}

/** A block as a value. `message`: what the server says to another type; without it, the value is converted blindly. */
export function block(fields: Block, message?: (type: string) => string, also?: (site: Site) => void): Shape {
  return {
    text: 'a block',
    check(site) {
      if (site.value.kind !== 'map') {
        const type = goType(site.value);
        site.report({
          code: 'type',
          message:
            message?.(type) ?? `interface conversion: interface {} is ${type}, not map[string]interface {}`,
          wanted: 'a block',
        });
        return;
      }
      checkBlock(site, site.value.entries, fields);
      also?.(site);
    },
  };
}
