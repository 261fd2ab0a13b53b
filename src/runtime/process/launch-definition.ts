import type { ProcessDefinition } from './definitions.ts';
import { UNINHERITED } from './launch.ts';
import { ENVIRONMENT_MARKER, SERVICE_MARKER } from './layout.ts';
import type { LaunchDefinition } from './wire.ts';

/** What a program needs to run at all, and nothing that says who runs it. */
const BARE = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL'];

/** A definition with its complete environment: what it inherits, what it is given, and the markers. Pure. */
export function launchDefinition(
  { files: _, inherits, ...definition }: ProcessDefinition,
  hash: string,
  environmentId: string,
  callerEnv: NodeJS.ProcessEnv,
): LaunchDefinition {
  const inherited = Object.entries(callerEnv).filter(([name]) =>
    inherits === 'all' ? !UNINHERITED.includes(name) : BARE.includes(name),
  );
  return {
    ...definition,
    env: {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      ...definition.env,
      [ENVIRONMENT_MARKER]: environmentId,
      [SERVICE_MARKER]: definition.service,
    },
    hash,
  };
}
