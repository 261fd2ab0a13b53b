import type { MissingPart, ObservedService } from '../runtime/runtime.ts';
import type { ConfToFollow } from './configurations.ts';
import type { Check } from './world.ts';

/** The world as it was looked at once, before anything was decided. */
export interface Observation {
  missing: readonly MissingPart[];
  services: readonly ObservedService[];
  /** service → hash of what is wanted now. */
  wantedHashes: Readonly<Record<string, string>>;
  /** Of the services that run. */
  health: Readonly<Record<string, Check>>;
  /** Of the servers that run: those whose nats.conf is not what it should be. */
  confs: readonly ConfToFollow[];
  /** null when the server could not be asked. */
  topologyDifferences: readonly string[] | null;
  /** null when the database could not be asked. */
  pendingMigrations: readonly string[] | null;
}
