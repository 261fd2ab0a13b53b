import { type Block, block, field } from '../blocks.ts';
import type { ConfValue } from '../document.ts';
import type { Site } from '../fault.ts';
import { goQuoted, goType } from '../go-values.ts';
import { boolean, entryOf, list, type Shape, text } from '../shapes.ts';
import { isAtLeast } from '../versions.ts';

const source: Block = { fields: [field('account', text()), field('subject', text())] };

const textOf = (value: ConfValue | undefined): string => (value?.kind === 'string' ? value.value : '');

const sourceOf = (kind: 'Stream' | 'Service'): Shape =>
  block(
    source,
    (type) => `${kind} entry should be an account map, got ${type}`,
    (site) => {
      const said = (name: string): boolean => textOf(entryOf(site.value, name)?.value) !== '';
      if (!said('account') || !said('subject'))
        site.report({ code: 'missing', message: 'Expect an account name and a subject' });
    },
  );

const table: Block = {
  fields: [
    field('stream', sourceOf('Stream')),
    field('service', sourceOf('Service')),
    field('prefix', text()),
    field('to', text()),
    field('share', boolean),
    field('allow_trace', boolean, '2.11.0'),
  ],
};

function checkWhole(site: Site): void {
  const [stream, service, prefix, to, trace] = ['stream', 'service', 'prefix', 'to', 'allow_trace'].map(
    (name) => entryOf(site.value, name),
  );
  if (stream !== undefined && service !== undefined)
    site.inside(service).report({
      code: 'conflict',
      message: 'Detected service but already saw a stream',
      at: service.keySpan,
      other: stream.keySpan,
    });
  if (service !== undefined && trace !== undefined && isAtLeast(site.version, '2.11.0'))
    site.inside(trace).report({
      code: 'conflict',
      message: 'Detected allow_trace directive on a non-stream',
      at: trace.keySpan,
    });
  // The server notices it only when it happens to read the stream before the prefix, and that before `to`.
  if (stream !== undefined && textOf(prefix?.value) !== '' && to !== undefined)
    site.inside(to).report({
      code: 'conflict',
      message: "Stream import can not have a 'prefix' and a 'to' property",
      at: to.keySpan,
      other: prefix!.keySpan,
    });
}

/** The subject that an import of a service is known by here, and whose it is. */
function serviceOf(value: ConfValue): { account: string; subject: string; to: string } | null {
  const service = entryOf(value, 'service')?.value;
  if (service === undefined) return null;
  const account = textOf(entryOf(service, 'account')?.value);
  const subject = textOf(entryOf(service, 'subject')?.value);
  return { account, subject, to: textOf(entryOf(value, 'to')?.value) || subject };
}

function checkDuplicates(site: Site): void {
  if (site.value.kind !== 'list') return;
  const seen: { account: string; subject: string; to: string }[] = [];
  const perAccount = isAtLeast(site.version, '2.10.28');
  for (const [index, item] of site.value.items.entries()) {
    const own = serviceOf(item);
    if (own === null || own.to === '') continue;
    const first = seen.find(({ to, account }) => to === own.to && (!perAccount || account === own.account));
    if (first === undefined) seen.push(own);
    else
      site.item(item, index).report({
        code: 'duplicate',
        message: `Duplicate service import subject ${goQuoted(own.to)}, previously used in import for account ${goQuoted(first.account)}, subject ${goQuoted(first.subject)}`,
        subject: own.to,
      });
  }
}

const items = list(
  block(table, (type) => `Import Items should be a map with type entry, got ${type}`, checkWhole),
  ({ value }) => `Imports should be an array, got ${goType(value)}`,
);

export const accountImports: Shape = {
  text: items.text,
  check(site) {
    items.check(site);
    checkDuplicates(site);
  },
};
