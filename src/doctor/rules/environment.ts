import type { Rule } from '../rule.ts';
import { e03StoreNotWritable } from './environment/e03-store-not-writable.ts';
import { e04TemporaryStore } from './environment/e04-temporary-store.ts';
import { e05SharedStore } from './environment/e05-shared-store.ts';
import { e08HealthCheckCannotRun } from './environment/e08-health-check-cannot-run.ts';
import { e11MemoryStream } from './environment/e11-memory-stream.ts';
import { e13SwappedPorts } from './environment/e13-swapped-ports.ts';
import { e14LazySync } from './environment/e14-lazy-sync.ts';
import { e16MountBesideStore } from './environment/e16-mount-beside-store.ts';
import { e18HealthCheckCannotFail } from './environment/e18-health-check-cannot-fail.ts';

/** E: ports, stores, volumes and health checks around the servers. In the order of their ids. */
export const environmentRules: readonly Rule[] = [
  e03StoreNotWritable,
  e04TemporaryStore,
  e05SharedStore,
  e08HealthCheckCannotRun,
  e11MemoryStream,
  e13SwappedPorts,
  e14LazySync,
  e16MountBesideStore,
  e18HealthCheckCannotFail,
];
