import type { ConfValue } from '../document.ts';
import type { Site } from '../fault.ts';
import { isUrl } from '../go-addresses.ts';
import { goQuoted } from '../go-values.ts';

function checkOne(site: Site, value: string, what: string): void {
  const url = value.trim();
  if (!isUrl(url))
    site.report({
      code: 'url',
      message: `error parsing ${what} url [${goQuoted(url)}]`,
      wanted: 'a URL',
    });
}

/** `-t` complains of the same URL twice. */
function checkDuplicates(site: Site, value: ConfValue | undefined, what: string): void {
  if (value?.kind !== 'list') return;
  const seen = new Map<string, ConfValue>();
  for (const [index, item] of value.items.entries()) {
    if (item.kind !== 'string') continue;
    const first = seen.get(item.value);
    if (first === undefined) seen.set(item.value, item);
    else
      site.item(item, index).report({
        code: 'duplicate',
        severity: 'warning',
        message: `invalid use of field ${goQuoted(item.value)}: Duplicate ${what} entry detected`,
        other: first.span,
      });
  }
}

export const urls = { checkOne, checkDuplicates };
