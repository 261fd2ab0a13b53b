import { isAbsolute, join } from 'node:path';
import type { ReportOptions } from '../ui/report.ts';
import { shellQuoted } from '../ui/variables.ts';
import type { GlobalValues } from './global-options.ts';

/**
 * How the user calls another verb for the same environment: with the options that chose it, and through npx when that
 * is how devenv was called (npm says so in `npm_command`).
 */
export function invocationOf(
  { name, config, directory }: Partial<Pick<GlobalValues, 'name' | 'config' | 'directory'>>,
  env: Readonly<Record<string, string | undefined>>,
): ReportOptions['invocation'] {
  const program = env.npm_command === 'exec' ? 'npx devenv' : 'devenv';
  return (verb, folder) => {
    const chosen = [
      ['--name', name],
      ['--config', config],
      [
        '-C',
        folder === undefined || isAbsolute(folder) ? (folder ?? directory) : join(directory ?? '', folder),
      ],
    ] as const;
    const options = chosen.flatMap(([flag, value]) =>
      value === undefined ? [] : [` ${flag} ${quotedIfNeeded(value)}`],
    );
    return `${program} ${verb}${verb.includes('--help') ? '' : options.join('')}`;
  };
}

/** A hint from rooms that know no command line, with every `devenv up` in it as the user would have to type it. */
export const asInvoked = (text: string, invocation: ReportOptions['invocation']): string =>
  text.replace(/`devenv (\S[^`]*)`/g, (_, verb: string) => `\`${invocation(verb)}\``);

const quotedIfNeeded = (value: string): string =>
  /^[\w./:@%+,-]+$/.test(value) ? value : shellQuoted(value);
