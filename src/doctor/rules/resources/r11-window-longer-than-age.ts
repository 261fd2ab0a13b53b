import { formatDuration } from '../../../topology/durations.ts';
import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { writtenStreams } from '../../written/streams.ts';

export const r11WindowLongerThanAge = defineRule({
  id: 'R11',
  title: 'duplicate window longer than the age of messages',
  severity: 'error',
  meaning: 'A stream is to remember message ids for longer than it keeps the messages.',
  cause:
    'The ids of the duplicate window are read back from the stored messages when a server starts, so the window cannot ' +
    'be longer than max_age. The server refuses such a stream.',
  fix: 'Write a duplicate_window of at most max_age. Without one the server takes two minutes, or max_age when that is less.',
  symptoms: ['duplicates window can not be larger then max age'],
  codes: [10052],
  *static(facts: StaticFacts) {
    for (const stream of writtenStreams(facts)) {
      const { maxAge = 0, duplicateWindow } = stream.fields;
      if (maxAge === 0 || duplicateWindow === undefined || duplicateWindow <= maxAge) continue;
      const span = stream.scalar('duplicateWindow');
      const most = stream.duration(maxAge);
      yield {
        place: stream.place('duplicateWindow'),
        cause: `${stream.title} remembers message ids for ${formatDuration(duplicateWindow)} and keeps messages for ${formatDuration(maxAge)} (${placeText(stream.place('maxAge'))}).`,
        fix: `Write ${stream.spelling('duplicateWindow')}: ${most} or less.`,
        ...(span !== null && { edits: [{ file: span.file, start: span.start, end: span.end, text: most }] }),
      };
    }
  },
});
