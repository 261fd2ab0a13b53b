import { shellQuoted } from '../ui/variables.ts';
import type { GlobalValues } from './global-options.ts';

/**
 * How the user calls another verb for the same environment: with the options that chose it, and through npx when that
 * is how devenv was called (npm says so in `npm_command`).
 */
export function invocationOf(
  { name, config, directory }: Pick<GlobalValues, 'name' | 'config' | 'directory'>,
  env: Readonly<Record<string, string | undefined>>,
): (verb: string) => string {
  const program = env.npm_command === 'exec' ? 'npx devenv' : 'devenv';
  const chosen = [
    ['--name', name],
    ['--config', config],
    ['-C', directory],
  ] as const;
  const options = chosen.flatMap(([flag, value]) =>
    value === undefined ? [] : [` ${flag} ${quotedIfNeeded(value)}`],
  );
  return (verb) => `${program} ${verb}${options.join('')}`;
}

const quotedIfNeeded = (value: string): string =>
  /^[\w./:@%+,-]+$/.test(value) ? value : shellQuoted(value);
