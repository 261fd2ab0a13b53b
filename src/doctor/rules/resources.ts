import type { Rule } from '../rule.ts';
import { r01ReservationsExceedFileStore } from './resources/r01-reservations-exceed-file-store.ts';
import { r02NothingLeftForUnlimited } from './resources/r02-nothing-left-for-unlimited.ts';
import { r03ReservationsExceedMemory } from './resources/r03-reservations-exceed-memory.ts';
import { r04RaisingMaxBytes } from './resources/r04-raising-max-bytes.ts';
import { r05StorageUsedUp } from './resources/r05-storage-used-up.ts';
import { r06AccountLimits } from './resources/r06-account-limits.ts';
import { r07ReplicasWithoutCluster } from './resources/r07-replicas-without-cluster.ts';
import { r08NoSuitablePeers } from './resources/r08-no-suitable-peers.ts';
import { r09FullStream } from './resources/r09-full-stream.ts';
import { r10MessageSizes } from './resources/r10-message-sizes.ts';
import { r11WindowLongerThanAge } from './resources/r11-window-longer-than-age.ts';
import { r12TooShortDuration } from './resources/r12-too-short-duration.ts';

/** R: sizes, limits and reservations. In the order of their ids. */
export const resourcesRules: readonly Rule[] = [
  r01ReservationsExceedFileStore,
  r02NothingLeftForUnlimited,
  r03ReservationsExceedMemory,
  r04RaisingMaxBytes,
  r05StorageUsedUp,
  r06AccountLimits,
  r07ReplicasWithoutCluster,
  r08NoSuitablePeers,
  r09FullStream,
  r10MessageSizes,
  r11WindowLongerThanAge,
  r12TooShortDuration,
];
