import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Path } from './problems.ts';

const indexes = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

/** Made once for each map: thousands of problems in one map must not each search it. */
function pairsByKey(map: YAMLMap): ReadonlyMap<string, Pair> {
  const known = indexes.get(map);
  if (known !== undefined) return known;
  const index = new Map(
    map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])),
  );
  indexes.set(map, index);
  return index;
}

/** Where a value (or its key) begins; the nearest enclosing part that is there, but never the whole file. */
export function offsetOf(document: Document.Parsed, path: Path, on: 'key' | 'value'): number | undefined {
  let node: Node | null | undefined = document.contents;
  let enclosing: number | undefined;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = pairsByKey(node).get(String(key));
      if (pair === undefined) return enclosing;
      enclosing = (pair.key as Node).range?.[0] ?? enclosing;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = typeof key === 'number' ? (node.items[key] as Node | undefined) : undefined;
      if (node === undefined) return enclosing;
      enclosing = node.range?.[0] ?? enclosing;
    } else {
      return enclosing;
    }
  }
  if (path.length === 0) return node?.range?.[0] ?? 0;
  const isWritten = isScalar(node) && node.range?.[0] !== node.range?.[1];
  return on === 'value' && (isWritten || isAlias(node)) ? (node?.range?.[0] ?? enclosing) : enclosing;
}

/** From where to where the scalar behind a path is written, quotes included; undefined when there is none. */
export function scalarRange(document: Document.Parsed, path: Path): readonly [number, number] | undefined {
  let node: Node | null | undefined = document.contents;
  for (const key of path) {
    // Behind an alias stands a value that others use as well: it is not this path's to change.
    if (isMap(node)) node = pairsByKey(node).get(String(key))?.value as Node | null | undefined;
    else if (isSeq(node)) node = typeof key === 'number' ? (node.items[key] as Node | undefined) : undefined;
    else return undefined;
  }
  if (!isScalar(node) || !node.range || node.range[0] === node.range[1]) return undefined;
  // A block scalar (`|`, `>`) cannot be replaced by a value of one line.
  return node.type?.startsWith('BLOCK') ? undefined : [node.range[0], node.range[1]];
}
