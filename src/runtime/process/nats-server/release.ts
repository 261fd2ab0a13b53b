/** Pure: what the upstream release of a version is called on its server. */
export const UPSTREAM = 'https://github.com/nats-io/nats-server/releases';

/** `linux-amd64` as in the names of the assets; undefined for what devenv does not run on. */
export function releasePlatform(platform: NodeJS.Platform, arch: NodeJS.Architecture): string | undefined {
  const systems: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin' };
  const machines: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };
  const [system, machine] = [systems[platform], machines[arch]];
  return system === undefined || machine === undefined ? undefined : `${system}-${machine}`;
}

export const releaseFile = (base: string, version: string, file: string): string =>
  `${base.replace(/\/+$/, '')}/download/v${version}/${file}`;

export interface ReleaseAsset {
  file: string;
  sha256: string;
}

/** The archive for a platform as SHA256SUMS lists it (`<hex>  <file>` per line); tar.gz before zip. */
export function assetIn(sums: string, version: string, platform: string): ReleaseAsset | undefined {
  const listed = new Map(
    sums.split('\n').flatMap((line) => {
      const [, sha256, file] = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line) ?? [];
      return sha256 === undefined || file === undefined ? [] : [[file, sha256.toLowerCase()] as const];
    }),
  );
  for (const ending of ['tar.gz', 'zip']) {
    const file = `nats-server-v${version}-${platform}.${ending}`;
    const sha256 = listed.get(file);
    if (sha256 !== undefined) return { file, sha256 };
  }
  return undefined;
}
