import { posix } from 'node:path';
import type { Replace } from './interpolation.ts';
import { isMap, mapAt, textOf, type YamlMap, type YamlPath } from './yaml-parts.ts';

/** Something that is there in a container and not part of its image. */
export interface Mount {
  kind: 'bind' | 'volume' | 'tmpfs' | 'config';
  /** Path on the host as written, or the name of a volume; absent for tmpfs and anonymous volumes. */
  source?: string;
  /** Path in the container, without a slash at its end. */
  target: string;
  readOnly: boolean;
  /** Folder within a volume. */
  subpath?: string;
  path: YamlPath;
}

/** `volumes` in both forms, `tmpfs`, and `configs` and `secrets`, which are files. */
export function mountsOf(service: YamlMap, path: YamlPath, replace: Replace): Mount[] {
  const list = (value: unknown): unknown[] =>
    Array.isArray(value) ? value : value === undefined ? [] : [value];
  return [
    ...list(service.volumes).flatMap((item, index) => volume(item, [...path, 'volumes', index], replace)),
    ...list(service.tmpfs).flatMap((item, index): Mount[] =>
      typeof item === 'string'
        ? [
            {
              kind: 'tmpfs',
              target: folder(replace(item).split(':')[0]!),
              readOnly: false,
              path: Array.isArray(service.tmpfs) ? [...path, 'tmpfs', index] : [...path, 'tmpfs'],
            },
          ]
        : [],
    ),
    ...list(service.configs).flatMap((item, index): Mount[] => {
      const source = isMap(item) ? textOf(item.source) : textOf(item);
      if (source === undefined) return [];
      // Without a target it is at the root, under its own name.
      const target = (isMap(item) ? textOf(item.target) : undefined) ?? source;
      return [
        {
          kind: 'config',
          source,
          target: folder(posix.resolve('/', replace(target))),
          readOnly: true,
          path: [...path, 'configs', index],
        },
      ];
    }),
  ];
}

function volume(item: unknown, path: YamlPath, replace: Replace): Mount[] {
  if (isMap(item)) {
    const target = textOf(item.target);
    const source = textOf(item.source);
    const subpath = textOf(mapAt(item, 'volume')?.subpath);
    if (target === undefined) return [];
    return [
      {
        kind: item.type === 'bind' || item.type === 'tmpfs' ? item.type : 'volume',
        target: folder(replace(target)),
        readOnly: item.read_only === true,
        ...(source === undefined ? {} : { source: replace(source) }),
        ...(subpath === undefined ? {} : { subpath }),
        path,
      },
    ];
  }
  if (typeof item !== 'string') return [];
  const parts = replace(item).split(':');
  if (parts.length === 1) return [{ kind: 'volume', target: folder(parts[0]!), readOnly: false, path }];
  const [source = '', target = '', options = ''] = parts;
  return [
    {
      kind: /^[./~]/.test(source) ? 'bind' : 'volume',
      source,
      target: folder(target),
      readOnly: options.split(',').includes('ro'),
      path,
    },
  ];
}

/** `/data/` → `/data` */
export const folder = (path: string): string => posix.normalize(path).replace(/(.)\/+$/, '$1');

/** Does `path` lie in `folder`, or is it the folder itself? */
export const isWithin = (path: string, parent: string): boolean =>
  path === parent || parent === '/' || path.startsWith(`${parent}/`);

/** The mount that a path in the container lies on: the deepest one. */
export function mountAt<M extends Pick<Mount, 'target'>>(mounts: readonly M[], path: string): M | undefined {
  return mounts
    .filter(({ target }) => isWithin(path, target))
    .sort((a, b) => b.target.length - a.target.length)[0];
}
