import type { Service } from '../topology/model.ts';

/**
 * The health check of a service in Compose's form, for those who run the rendered file without devenv. Only where the
 * image is known to carry the tool to ask with: wget in alpine images, else Node in the Node image. devenv itself asks
 * from outside and needs none.
 */
export function probeCommand({ source, health, port }: Service, nodeImage: string): string[] | undefined {
  if (source.kind === 'image' || source.kind === 'build' || port === undefined) return undefined;
  if (health.kind === 'none') return undefined;
  if (health.kind === 'tcp') return ['CMD', 'node', '-e', connectProgram(port.container)];
  const url = `http://127.0.0.1:${port.container}${health.path}`;
  // Starting node for every question costs more than many a service itself.
  if (nodeImage.includes('alpine')) return ['CMD', 'wget', '-q', '-O', '/dev/null', url];
  return ['CMD', 'node', '-e', fetchProgram(url)];
}

const fetchProgram = (url: string): string =>
  `fetch(${JSON.stringify(url)}).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;

const connectProgram = (port: number): string =>
  `require('node:net').connect(${port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;
