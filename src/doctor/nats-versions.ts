/** The newest nats-server that the rules know. */
export const NEWEST_NATS = '2.15.1';

/** The last release of each series: what a rolling tag such as `nats:2.10-alpine` stands for. */
const LAST_OF_SERIES: Readonly<Record<string, string>> = {
  '2.8': '2.8.4',
  '2.9': '2.9.25',
  '2.10': '2.10.29',
  '2.11': '2.11.17',
  '2.12': '2.12.15',
  '2.14': '2.14.5',
  '2.15': '2.15.1',
};

/** `2.10.27`, `v2.10.27-alpine`, `2.10`, `2` or `latest` → three numbers; undefined for what is no version. */
export function natsVersionOf(text: string): string | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-.*)?$/.exec(text.trim());
  if (match === null)
    return /^(latest|alpine\S*|scratch|linux|nanoserver)$/.test(text) ? NEWEST_NATS : undefined;
  const [, major, minor, patch] = match;
  if (minor === undefined) return major === '2' ? NEWEST_NATS : undefined;
  if (patch !== undefined) return `${major}.${minor}.${patch}`;
  return LAST_OF_SERIES[`${major}.${minor}`] ?? `${major}.${minor}.0`;
}

/** The version that an image runs, when it is an image of nats-server: `nats:2.10-alpine`, `docker.io/library/nats`. */
export function natsVersionOfImage(image: string): string | undefined {
  const match = /^(?:[^\s@]*\/)?nats(?:-server)?(?::([^\s@/]+))?(?:@\S+)?$/.exec(image);
  return match === null ? undefined : natsVersionOf(match[1] ?? 'latest');
}
