import { type Document, isMap, isScalar, parseDocument, Scalar, type YAMLMap } from 'yaml';

/** Texts of the files in `compose/`. */
export interface ComposeFragments {
  nats: string;
  postgres: string;
  api: string;
  worker: string;
}

/** A service of a fragment, with the fragment's own comments. */
export function serviceOf(fragments: ComposeFragments, name: keyof ComposeFragments): YAMLMap {
  const service = parseDocument(fragments[name]).getIn(['services', name]);
  if (!isMap(service)) throw new Error(`compose/${name}.yaml has no service "${name}"`);
  return service as YAMLMap;
}

/**
 * Sets a key to a decided value and says beside it why. Compose replaces `$` in every string of the file, so decided
 * strings are escaped here, in one place.
 */
export function decide(
  document: Document,
  map: YAMLMap,
  key: string,
  value: unknown,
  comment?: string,
): void {
  const node = document.createNode(escapeDollars(value));
  const label = new Scalar(key);
  const old = map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
  const index = old === undefined ? map.items.length : map.items.indexOf(old);
  if (comment !== undefined && isScalar(node)) node.comment = ` ${comment}`;
  else if (comment !== undefined) label.commentBefore = ` ${comment}`;
  else if (isScalar(old?.key) && old.key.commentBefore != null) label.commentBefore = old.key.commentBefore;
  map.items[index] = document.createPair(label, node) as (typeof map.items)[number];
}

function escapeDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escapeDollars);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeDollars(item)]));
  return value;
}
