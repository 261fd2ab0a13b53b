import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { defineRule } from '../../rule.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import { writtenStreams } from '../../written/streams.ts';

export const s17NameWithDot = defineRule({
  id: 'S17',
  title: 'a name that cannot be part of a subject',
  severity: 'error',
  meaning: 'The name of a stream or a consumer holds a dot, a space, a wildcard or a slash.',
  cause:
    'Every request to JetStream has the names in its subject (`$JS.API.STREAM.CREATE.<name>`), as one word each. With a ' +
    'dot the subject has a word too many: no server answers, and the client tells of a timeout instead of a bad name. ' +
    'Slashes are refused because the names are folders on disk as well.',
  fix: 'Use letters, digits, "-" and "_".',
  symptoms: [
    'TimeoutError: timeout',
    "stream name ('a.b') cannot contain '.'",
    'stream name in subject does not match request',
    'consumer name in subject does not match durable name in request',
    'Stream name can not contain path separators',
    'Consumer name can not contain path separators',
    'invalid stream name',
  ],
  codes: [10056, 10017, 10127, 10128],
  *static(facts: StaticFacts): Generator<Report> {
    for (const stream of writtenStreams(facts)) {
      // The braces of a family's placeholder are not part of any name.
      const found = problemOf(stream.name);
      if (found !== undefined) yield report(stream.place('name'), stream.title, stream.name, found);
    }
    for (const consumer of writtenConsumers(facts)) {
      const found = problemOf(consumer.name);
      if (found !== undefined && consumer.durable)
        yield report(consumer.place('name'), consumer.title, consumer.name, found);
    }
  },
});

/** Refused by the server itself where it is not the subject that breaks. */
const TOO_LONG = 255;

function problemOf(name: string): string | undefined {
  if (name.includes('.')) return 'holds a dot';
  const [found] = /[\s*>/\\]/u.exec(name) ?? [];
  if (found !== undefined) return /\s/u.test(found) ? 'holds white space' : `holds "${found}"`;
  return Buffer.byteLength(name) > TOO_LONG ? `is longer than ${TOO_LONG} bytes` : undefined;
}

const report = (place: Report['place'], title: string, name: string, found: string): Report => ({
  place,
  cause: `The name of ${title} ${found}; it has to be one word of the subjects that JetStream is asked on.`,
  fix: `Write ${name.replaceAll(/[.\s*>/\\]+/gu, '_').slice(0, TOO_LONG)}, here and wherever the name is used.`,
});
