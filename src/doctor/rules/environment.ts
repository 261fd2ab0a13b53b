import type { Rule } from '../rule.ts';
import { e01PortTaken } from './environment/e01-port-taken.ts';
import { e02MonitorPortTaken } from './environment/e02-monitor-port-taken.ts';
import { e03StoreNotWritable } from './environment/e03-store-not-writable.ts';
import { e04TemporaryStore } from './environment/e04-temporary-store.ts';
import { e05SharedStore } from './environment/e05-shared-store.ts';
import { e06StreamsNotRecovered } from './environment/e06-streams-not-recovered.ts';
import { e07StreamsOfAnotherAccount } from './environment/e07-streams-of-another-account.ts';
import { e08HealthCheckCannotRun } from './environment/e08-health-check-cannot-run.ts';
import { e09HealthyWithoutJetStream } from './environment/e09-healthy-without-jetstream.ts';
import { e10UnreachableAddresses } from './environment/e10-unreachable-addresses.ts';
import { e11MemoryStream } from './environment/e11-memory-stream.ts';
import { e12OutOfSpace } from './environment/e12-out-of-space.ts';
import { e13SwappedPorts } from './environment/e13-swapped-ports.ts';
import { e14LazySync } from './environment/e14-lazy-sync.ts';
import { e15NoNetworkLeft } from './environment/e15-no-network-left.ts';
import { e16MountBesideStore } from './environment/e16-mount-beside-store.ts';
import { e17StaleProcess } from './environment/e17-stale-process.ts';
import { e18HealthCheckCannotFail } from './environment/e18-health-check-cannot-fail.ts';
import { e19DoesNotAnswer } from './environment/e19-does-not-answer.ts';
import { e20ConfNotAsDeclared } from './environment/e20-conf-not-as-declared.ts';

/** E: ports, stores, volumes and health checks around the servers. In the order of their ids. */
export const environmentRules: readonly Rule[] = [
  e01PortTaken,
  e02MonitorPortTaken,
  e03StoreNotWritable,
  e04TemporaryStore,
  e05SharedStore,
  e06StreamsNotRecovered,
  e07StreamsOfAnotherAccount,
  e08HealthCheckCannotRun,
  e09HealthyWithoutJetStream,
  e10UnreachableAddresses,
  e11MemoryStream,
  e12OutOfSpace,
  e13SwappedPorts,
  e14LazySync,
  e15NoNetworkLeft,
  e16MountBesideStore,
  e17StaleProcess,
  e18HealthCheckCannotFail,
  e19DoesNotAnswer,
  e20ConfNotAsDeclared,
];
