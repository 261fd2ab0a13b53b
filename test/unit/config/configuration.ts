import { type Inputs, resolveConfig } from '../../../src/config/resolve.ts';
import { parseYaml } from '../../../src/config/yaml-document.ts';

/** A project in memory: what `resolveConfig` makes of a devenv.yaml and an environment. */
export function configure(yaml?: string, given: Partial<Inputs> = {}) {
  return resolveConfig({
    projectDir: '/projects/shop',
    flags: {},
    env: {},
    dotenv: undefined,
    project: yaml === undefined ? undefined : { file: 'devenv.yaml', yaml: parseYaml(yaml) },
    ...given,
  });
}

export function accepted(yaml?: string, given: Partial<Inputs> = {}) {
  const result = configure(yaml, given);
  if ('problems' in result) throw new Error(`refused:\n${result.problems.join('\n')}`);
  return result;
}

export function refused(yaml: string, given: Partial<Inputs> = {}): readonly string[] {
  const result = configure(yaml, given);
  if (!('problems' in result)) throw new Error('accepted');
  return result.problems;
}
