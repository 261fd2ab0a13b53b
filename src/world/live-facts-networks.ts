import { networkInterfaces } from 'node:os';
import type { DockerNetworks } from '../doctor/facts.ts';
import { LABELS } from '../render/labels.ts';
import { EngineClient } from '../runtime/docker/engine-client.ts';

interface Listed {
  Name: string;
  Labels?: Record<string, string> | null;
  IPAM?: { Config?: { Subnet?: string }[] | null } | null;
}

interface Info {
  DefaultAddressPools?: { Base: string; Size: number }[] | null;
}

/** How many networks the engine can still make, and which ones stand in the way without being used. */
export async function dockerNetworks({ signal }: { signal: AbortSignal }): Promise<DockerNetworks> {
  const client = new EngineClient();
  const dangling = JSON.stringify({ dangling: ['true'] });
  const [info, all, unused] = await Promise.all([
    client.call<Info>('GET', '/info', { signal }),
    client.call<Listed[]>('GET', '/networks', { signal }),
    client.call<Listed[]>('GET', '/networks', { query: { filters: dangling }, signal }),
  ]);
  const taken = [
    ...all.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? [])),
    // The engine takes no pool that an interface of the machine has an address in.
    ...Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : [])),
    ),
  ];
  const pools = info.DefaultAddressPools?.length ? info.DefaultAddressPools : DEFAULT_POOLS;
  return {
    pools: countPools(pools, taken),
    unused: unused.map(({ Name, Labels }) => ({
      name: Name,
      ...(Labels?.[LABELS.name] === undefined ? {} : { environment: Labels[LABELS.name]! }),
      ...(Labels?.[LABELS.project] === undefined ? {} : { projectDir: Labels[LABELS.project]! }),
    })),
  };
}

/** Of an engine that was not told otherwise: 31 networks. Source: libnetwork, ipamutils. */
export const DEFAULT_POOLS = [
  { Base: '172.17.0.0/16', Size: 16 },
  { Base: '172.18.0.0/16', Size: 16 },
  { Base: '172.19.0.0/16', Size: 16 },
  { Base: '172.20.0.0/14', Size: 16 },
  { Base: '172.24.0.0/14', Size: 16 },
  { Base: '172.28.0.0/14', Size: 16 },
  { Base: '192.168.0.0/16', Size: 20 },
];

/** Pools that the bases are cut into, and those that nothing taken overlaps. Bases of IPv6 are no matter of ours. Pure. */
export function countPools(
  bases: readonly { Base: string; Size: number }[],
  taken: readonly string[],
): DockerNetworks['pools'] {
  const ranges = taken.flatMap((cidr) => rangeOf(cidr) ?? []);
  let total = 0;
  let free = 0;
  for (const { Base, Size } of bases) {
    const base = rangeOf(Base);
    if (base === undefined || Size > 32) continue;
    const width = 2 ** (32 - Size);
    const count = Math.floor((base.last - base.first + 1) / width);
    const used = new Set<number>();
    for (const { first, last } of ranges) {
      const from = Math.max(0, Math.floor((first - base.first) / width));
      const to = Math.min(count - 1, Math.floor((last - base.first) / width));
      for (let pool = from; pool <= to; pool += 1) used.add(pool);
    }
    total += count;
    free += count - used.size;
  }
  return { total, free };
}

function rangeOf(cidr: string): { first: number; last: number } | undefined {
  const [, a, b, c, d, bits] = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr)?.map(Number) ?? [];
  if (a === undefined || b === undefined || c === undefined || d === undefined || bits === undefined)
    return undefined;
  const width = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = Math.floor(address / width) * width;
  return { first, last: first + width - 1 };
}
