import type { LoadedConfig } from '../config/load.ts';
import type { StaticFacts } from '../doctor/facts.ts';

export interface StaticSources {
  /** Names of files are printed relative to it. */
  cwd: string;
  /** Paths as they were given, relative to `cwd` or absolute; `-` is what stands in `stdin`. */
  confs?: readonly string[];
  composes?: readonly string[];
  manifests?: readonly string[];
  stdin?: string;
  config?: Pick<LoadedConfig, 'topology' | 'place' | 'origin' | 'declaration' | 'configFile'> | null;
  /** Three numbers with dots; wins over what the files say. */
  natsVersion?: string | undefined;
  env?: Readonly<Record<string, string | undefined>>;
}

export interface GatheredFacts {
  facts: StaticFacts;
  /** Where `facts.natsVersion` comes from: `--nats-version`, `image nats:2.10-alpine in compose.yaml`, … */
  versionOrigin: string;
  /** Every file that was read: name as printed → absolute path and text. What the doctor may edit. */
  files: ReadonlyMap<string, ReadFile>;
  /** What belongs to it and could not be read, a sentence each. */
  notes: readonly string[];
}

export interface ReadFile {
  /** Absolute; null for standard input, which can be quoted and not be edited. */
  path: string | null;
  text: string;
}
