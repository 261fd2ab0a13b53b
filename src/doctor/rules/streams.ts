import type { Rule } from '../rule.ts';
import { s01SubjectsOverlap } from './streams/s01-subjects-overlap.ts';
import { s02DescribedDifferently } from './streams/s02-described-differently.ts';
import { s03UpdateDropsSubjects } from './streams/s03-update-drops-subjects.ts';
import { s04PublishedToNowhere } from './streams/s04-published-to-nowhere.ts';
import { s05HeardButNotKept } from './streams/s05-heard-but-not-kept.ts';
import { s06RequestCaptured } from './streams/s06-request-captured.ts';
import { s07DisjointFilter } from './streams/s07-disjoint-filter.ts';
import { s08OrphanedFilter } from './streams/s08-orphaned-filter.ts';
import { s09ConsumerDescribedTwice } from './streams/s09-consumer-described-twice.ts';
import { s10MissingStreamOrConsumer } from './streams/s10-missing-stream-or-consumer.ts';
import { s11OverlapsItself } from './streams/s11-overlaps-itself.ts';
import { s12CapturesNatsItself } from './streams/s12-captures-nats-itself.ts';
import { s13WorkqueueConsumers } from './streams/s13-workqueue-consumers.ts';
import { s14InterestWithoutConsumer } from './streams/s14-interest-without-consumer.ts';
import { s15ImmutableField } from './streams/s15-immutable-field.ts';
import { s16UnknownApiField } from './streams/s16-unknown-api-field.ts';
import { s17NameWithDot } from './streams/s17-name-with-dot.ts';
import { s18OverlappingFilters } from './streams/s18-overlapping-filters.ts';
import { s19StarForRest } from './streams/s19-star-for-rest.ts';
import { s20NearMiss } from './streams/s20-near-miss.ts';

/** S: streams, subjects and who publishes them. In the order of their ids. */
export const streamsRules: readonly Rule[] = [
  s01SubjectsOverlap,
  s02DescribedDifferently,
  s03UpdateDropsSubjects,
  s04PublishedToNowhere,
  s05HeardButNotKept,
  s06RequestCaptured,
  s07DisjointFilter,
  s08OrphanedFilter,
  s09ConsumerDescribedTwice,
  s10MissingStreamOrConsumer,
  s11OverlapsItself,
  s12CapturesNatsItself,
  s13WorkqueueConsumers,
  s14InterestWithoutConsumer,
  s15ImmutableField,
  s16UnknownApiField,
  s17NameWithDot,
  s18OverlappingFilters,
  s19StarForRest,
  s20NearMiss,
];
