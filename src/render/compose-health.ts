import type { Service } from '../topology/model.ts';

/**
 * The health check of a service in Compose's form, for those who run the rendered file without devenv. Only where the
 * image is known to carry the tool to ask with: Node. devenv itself asks from outside and needs none.
 */
export function probeCommand({ source, health, port }: Service): string[] | undefined {
  if (source.kind === 'image' || source.kind === 'build' || port === undefined) return undefined;
  const program = {
    http: (path: string) =>
      `fetch(${JSON.stringify(`http://127.0.0.1:${port.container}${path}`)}).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
    tcp: () =>
      `require('node:net').connect(${port.container}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`,
  };
  if (health.kind === 'none') return undefined;
  return ['CMD', 'node', '-e', health.kind === 'http' ? program.http(health.path) : program.tcp()];
}
