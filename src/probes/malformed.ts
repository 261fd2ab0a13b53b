import {
  arrival,
  carries,
  deadLettered,
  posted,
  rowsWritten,
  statusReached,
  stored,
} from './pipeline-hops.ts';
import { pipelineProbe } from './pipeline-probe.ts';
import { malformedSampleOf } from './sample.ts';
import { forgetful } from './target.ts';

/** A message with one bad item ends in the dead letter stream; nothing of it is written. */
export const malformed = pipelineProbe({
  name: 'malformed',
  unfit: forgetful,
  hops(trip) {
    const { target, key } = trip.run;
    const sample = malformedSampleOf(target, key);
    return [
      ...arrival(trip, { streams: [target.names.stream, target.names.dlqStream] }),
      posted(trip, sample.body),
      stored(trip),
      statusReached(trip, 'dlq', {
        check: ({ error_message }) => {
          if (error_message?.includes(sample.badField)) return;
          throw new Error(`expected an error_message that names ${sample.badField}, found ${error_message}`);
        },
      }),
      ...rowsWritten(trip, undefined),
      deadLettered(trip, ({ text }) => carries(trip, text)),
    ];
  },
});
