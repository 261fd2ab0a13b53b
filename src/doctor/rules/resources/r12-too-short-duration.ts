import { formatDuration } from '../../../topology/durations.ts';
import type { StaticFacts, TextSpan } from '../../facts.ts';
import type { Edit, Report } from '../../finding.ts';
import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import { writtenStreams } from '../../written/streams.ts';

export const r12TooShortDuration = defineRule({
  id: 'R12',
  title: 'a duration in the wrong unit',
  severity: 'warning',
  meaning: 'A duration of a stream or a consumer is less than a second.',
  cause:
    'The JetStream API counts nanoseconds. A program that hands over milliseconds or seconds asks for a millionth of what ' +
    'was meant: 86400000 is not a day but 86 ms. The server refuses max_age and duplicate_window below 100 ms; everything ' +
    'else it takes, and messages are redelivered or expire at once.',
  fix: 'Multiply: milliseconds by 1,000,000, seconds by 1,000,000,000. Clients have helpers for it (`nanos(ms)`).',
  symptoms: [
    'max age needs to be >= 100ms',
    'duplicates window needs to be >= 100ms',
    'messages are redelivered at once',
  ],
  codes: [10052],
  *static(facts: StaticFacts) {
    for (const stream of writtenStreams(facts)) {
      for (const field of ['maxAge', 'duplicateWindow'] as const) {
        const ms = stream.fields[field];
        if (ms === undefined || !stream.isWritten(field)) continue;
        const what = { title: stream.title, name: stream.spelling(field), least: SHORTEST_MS[field] };
        yield* judge(ms, what, () => stream.place(field), stream.scalar(field));
      }
    }
    for (const consumer of writtenConsumers(facts)) {
      for (const field of ['ackWait', 'inactiveThreshold'] as const) {
        const ms = consumer.fields[field];
        if (ms === undefined || !consumer.isWritten(field)) continue;
        const what = { title: consumer.title, name: consumer.spelling(field), least: 0 };
        yield* judge(ms, what, () => consumer.place(field), consumer.scalar(field));
      }
    }
  },
});

/** Shorter ones are refused by the server itself (10052). */
const SHORTEST_MS = { maxAge: 100, duplicateWindow: 100 } as const;

const TEXT = { max_age: 'max age', maxAge: 'max age' } as const;

function* judge(
  ms: number,
  { title, name, least }: { title: string; name: string; least: number },
  place: () => Report['place'],
  span: TextSpan | null,
): Generator<Report> {
  if (ms <= 0 || ms >= 1_000) return;
  const edit = nanoseconds(span);
  const field = Object.hasOwn(TEXT, name) ? 'max age' : 'duplicates window';
  yield {
    place: place(),
    severity: ms < least ? 'error' : 'warning',
    cause: `${name} of ${title} is ${shown(ms)}${ms < least ? `; the server takes nothing below ${least}ms` : ''}.`,
    fix:
      edit === undefined
        ? 'Write the duration that is meant, a second or more.'
        : `The API counts nanoseconds: write ${edit.text} for ${formatDuration(Number(edit.text) / 1e6)}.`,
    symptom: ms < least ? `${field} needs to be >= ${least}ms` : 'messages are redelivered or expire at once',
    ...(edit !== undefined && { edits: [edit] }),
  };
}

const shown = (ms: number): string => (Number.isInteger(ms) ? formatDuration(ms) : `${ms} ms`);

/** A bare number that makes sense as milliseconds; below a second's worth of them nobody can tell what was meant. */
function nanoseconds(span: TextSpan | null): Edit | undefined {
  if (span === null || !/^\d{4,9}$/.test(span.text)) return undefined;
  return { file: span.file, start: span.start, end: span.end, text: `${span.text}000000` };
}
