import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { MACHINE_DATA_DIR } from './layout.ts';

/** What of this machine decides where things come from and go to; injected, so that both platforms can be tested. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: NodeJS.Architecture;
  uid: number | undefined;
  env: NodeJS.ProcessEnv;
  home: string;
  /** `/var/cache/devenv`: as root, for what another account must be able to read. */
  sharedCacheDir: string;
  /** `/var/lib/devenv`: as root, for data whose owner cannot reach the project. */
  machineDataDir: string;
}

export const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  uid: process.getuid?.(),
  env: process.env,
  home: homedir(),
  sharedCacheDir: '/var/cache/devenv',
  machineDataDir: MACHINE_DATA_DIR,
});

/** `${XDG_CACHE_HOME:-~/.cache}/devenv`; a relative XDG_CACHE_HOME is invalid by its specification and ignored. */
export function cacheDir({ env, home }: Pick<Machine, 'env' | 'home'>): string {
  const set = env.XDG_CACHE_HOME;
  return join(set !== undefined && isAbsolute(set) ? set : join(home, '.cache'), 'devenv');
}
