import type { Replace } from './interpolation.ts';
import { isMap, textOf, type YamlPath } from './yaml-parts.ts';

/** One port that a service publishes on the host. */
export interface PublishedPort {
  /** Address on the host; absent = all of them. */
  hostIp?: string;
  /** Port on the host; absent = any free one. */
  published?: number;
  /** Port in the container. */
  target: number;
  isUdp?: true;
  path: YamlPath;
}

/** Entries like `4222`, `127.0.0.1:4222:4222/tcp`, `8000-8002:8000-8002`, and maps with `target`. */
export function portsOf(value: unknown, path: YamlPath, replace: Replace): PublishedPort[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, index) => {
    const at = [...path, index];
    if (isMap(item)) return longForm(item, at, replace);
    const text = textOf(item);
    return text === undefined ? [] : shortForm(replace(text), at);
  });
}

function longForm(
  item: Readonly<Record<string, unknown>>,
  path: YamlPath,
  replace: Replace,
): PublishedPort[] {
  const number = (value: unknown) => Number(replace(textOf(value) ?? '') || Number.NaN);
  const [target, published] = [number(item.target), number(item.published)];
  const hostIp = textOf(item.host_ip);
  if (!Number.isInteger(target)) return [];
  return [
    {
      target,
      ...(Number.isInteger(published) ? { published } : {}),
      ...(hostIp === undefined ? {} : { hostIp: replace(hostIp) }),
      ...(item.protocol === 'udp' ? { isUdp: true as const } : {}),
      path,
    },
  ];
}

function shortForm(text: string, path: YamlPath): PublishedPort[] {
  const [, hostIp, from, to, target, last] =
    /^(?:(\[[^\]]+\]|[^:]*):(?=.*:))?(?:(\d*)(?:-(\d+))?:)?(\d+)(?:-(\d+))?(?:\/(?:tcp|udp))?$/.exec(text) ??
    [];
  if (target === undefined) return [];
  const many = Math.min(Number(last ?? target) - Number(target), 1000);
  return Array.from({ length: Math.max(1, many + 1) }, (_, offset) => ({
    target: Number(target) + offset,
    // A range on the host for one port means: one of these.
    ...(from === undefined || from === '' || (to !== undefined && last === undefined)
      ? {}
      : { published: Number(from) + offset }),
    ...(hostIp === undefined || hostIp === '' ? {} : { hostIp: hostIp.replace(/^\[(.*)\]$/, '$1') }),
    ...(text.endsWith('/udp') ? { isUdp: true as const } : {}),
    path,
  }));
}

/** Can only this machine reach it? */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
