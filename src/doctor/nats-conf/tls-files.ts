import { entryOf, mapOf, type Placed, textIn, valuesWithin } from './conf-values.ts';
import type { ConfDocument, ConfEntry } from './document.ts';

/** The PEM files of one block `tls`, or of one pair of its list `certs`. */
export interface TlsFiles {
  certificate?: Placed<string>;
  key?: Placed<string>;
  /** Of the authority that others' certificates are checked with. */
  authority?: Placed<string>;
}

/** Of every block `tls`, wherever it stands. */
export function tlsFiles(document: ConfDocument): readonly TlsFiles[] {
  const blocks: (readonly ConfEntry[])[] = [];
  for (const { path, value } of valuesWithin(document.entries)) {
    if (value.kind !== 'map' || !/^(resolver_)?tls$/i.test(path.at(-1) ?? '')) continue;
    blocks.push(value.entries);
    const pairs = entryOf(value.entries, 'certs', 'certificates')?.value;
    if (pairs?.kind === 'list')
      blocks.push(...pairs.items.flatMap((item) => (item.kind === 'map' ? [item.entries] : [])));
  }
  return blocks.map((block) => {
    const [certificate, key, authority] = ['cert_file', 'key_file', 'ca_file'].map((name) =>
      textIn(block, name),
    );
    return {
      ...(certificate === undefined || certificate.value === '' ? {} : { certificate }),
      ...(key === undefined || key.value === '' ? {} : { key }),
      ...(authority === undefined || authority.value === '' ? {} : { authority }),
    };
  });
}

/** `jetstream { store_dir }` or `store_dir`, when it is there. */
export function storeFolder({ entries }: ConfDocument): Placed<string> | undefined {
  const jetstream = mapOf(entryOf(entries, 'jetstream')) ?? [];
  return textIn(jetstream, 'store_dir', 'storedir', 'store') ?? textIn(entries, 'store_dir', 'storedir');
}
