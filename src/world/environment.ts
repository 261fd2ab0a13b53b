import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Environment } from '../topology/deployment.ts';

/** The identity of an environment: the same name in two checkouts is two environments. */
export function environmentOf(projectDir: string, name: string): Environment {
  const folder = createHash('sha256').update(projectDir).digest('hex').slice(0, 8);
  return { name, projectDir, stateDir: join(projectDir, '.devenv', name), id: `devenv-${name}-${folder}` };
}
