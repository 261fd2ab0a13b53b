import { isMap, mapAt, textOf, type YamlMap, type YamlPart, type YamlPath } from '../compose/yaml-parts.ts';
import type { YamlText } from '../facts.ts';

/** A ConfigMap or a Secret: what containers see as a folder of files. */
export interface EmbeddedFolder {
  /** `ConfigMap nats-config` */
  owner: string;
  /** By their names. */
  files: ReadonlyMap<string, EmbeddedFile>;
}

export interface EmbeddedFile extends YamlPart {
  text: string;
  /** Written in base64. */
  isEncoded: boolean;
}

/** All that a document of a manifest has, be it one resource or a list of them. */
export const foldersOf = (yaml: YamlText): EmbeddedFolder[] =>
  resourcesIn(yaml.value).flatMap(({ value, path }) => {
    const kind = textOf(value.kind);
    // What comes later wins, as it does there.
    const parts: { key: string; isEncoded: boolean }[] =
      kind === 'ConfigMap'
        ? [
            { key: 'binaryData', isEncoded: true },
            { key: 'data', isEncoded: false },
          ]
        : kind === 'Secret'
          ? [
              { key: 'data', isEncoded: true },
              { key: 'stringData', isEncoded: false },
            ]
          : [];
    const files = parts.flatMap(({ key, isEncoded }) =>
      Object.entries(mapAt(value, key) ?? {}).flatMap(([name, written]): [string, EmbeddedFile][] => {
        const text = typeof written !== 'string' ? undefined : isEncoded ? decoded(written) : written;
        return text === undefined ? [] : [[name, { yaml, path: [...path, key, name], text, isEncoded }]];
      }),
    );
    const name = textOf(mapAt(value, 'metadata')?.name);
    return files.length === 0
      ? []
      : [{ owner: `${kind}${name === undefined ? '' : ` ${name}`}`, files: new Map(files) }];
  });

function resourcesIn(value: unknown, path: YamlPath = []): { value: YamlMap; path: YamlPath }[] {
  const items = Array.isArray(value)
    ? value
    : isMap(value) && Array.isArray(value.items)
      ? value.items
      : null;
  if (items === null) return isMap(value) ? [{ value, path }] : [];
  const base = Array.isArray(value) ? path : [...path, 'items'];
  return items.flatMap((item, index) => (isMap(item) ? [{ value: item, path: [...base, index] }] : []));
}

/** undefined for what is no base64, or no text behind it. */
function decoded(base64: string): string | undefined {
  const written = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(written)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(written, 'base64'));
  } catch {
    return undefined;
  }
}
