import { nearest } from '../../../topology/nearest.ts';
import type { YamlMap, YamlPath } from '../../compose/yaml-parts.ts';
import type { StaticFacts, YamlText } from '../../facts.ts';
import type { Report, Severity } from '../../finding.ts';
import { booleanIn, entryOf, mapOf } from '../../nats-conf/conf-values.ts';
import { isAtLeast } from '../../nats-conf/versions.ts';
import { defineRule } from '../../rule.ts';
import { apiStreams } from '../../written/manifest-streams.ts';
import { NESTED_FIELDS, STREAM_FIELDS } from './api-fields.ts';

export const s16UnknownApiField = defineRule({
  id: 'S16',
  title: 'unknown field in the configuration of a stream',
  severity: 'error',
  meaning: 'A file with the configuration of a stream has a field that the JetStream API does not know.',
  cause:
    'Up to 2.11 the server skips what it does not know, so a misspelt `max_byte` means a stream without a limit and ' +
    'nobody says so. Since 2.12 it is strict and refuses the whole request, unless `jetstream { strict: false }` is set.',
  fix: 'Correct the name, or leave the field out. Upper and lower case are the same to the server.',
  symptoms: ['invalid JSON: json: unknown field "max_byte"', 'invalid JSON'],
  codes: [10025],
  matches: [/json: unknown field "[^"]+"/],
  versions: '2.12 and later refuse it; earlier ones skip it',
  *static(facts: StaticFacts) {
    const severity: Severity = isStrict(facts) ? 'error' : 'warning';
    for (const text of facts.manifests) {
      // YAML of one's own may look alike; what is sent to the API is JSON.
      if (!text.file.endsWith('.json')) continue;
      for (const { value, path } of apiStreams(text))
        yield* unknown(text, value, path, facts.natsVersion, severity);
    }
  },
});

function* unknown(
  text: YamlText,
  value: YamlMap,
  path: YamlPath,
  natsVersion: string,
  severity: Severity,
): Generator<Report> {
  for (const field of Object.keys(value)) {
    const since = STREAM_FIELDS[field.toLowerCase()];
    if (since === undefined || !isAtLeast(natsVersion, since)) {
      const known = Object.keys(STREAM_FIELDS).filter((each) => isAtLeast(natsVersion, STREAM_FIELDS[each]!));
      yield report(text.place([...path, field], 'key'), field, value.name, known, {
        since,
        natsVersion,
        severity,
      });
      continue;
    }
    const inner = NESTED_FIELDS[field.toLowerCase()];
    if (inner === undefined) continue;
    for (const [at, part] of partsOf(value[field], [...path, field])) {
      for (const key of Object.keys(part)) {
        if (inner.includes(key.toLowerCase())) continue;
        yield report(text.place([...at, key], 'key'), key, value.name, inner, { natsVersion, severity });
      }
    }
  }
}

function partsOf(value: unknown, path: YamlPath): [YamlPath, YamlMap][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => partsOf(item, [...path, index]));
  return typeof value === 'object' && value !== null ? [[path, value as YamlMap]] : [];
}

function report(
  place: Report['place'],
  field: string,
  stream: unknown,
  known: readonly string[],
  { since, natsVersion, severity }: { since?: string | undefined; natsVersion: string; severity: Severity },
): Report {
  const near = nearest(field, known);
  const skipped = severity === 'warning' ? `; nats-server ${natsVersion} skips it` : '';
  return {
    place,
    severity,
    cause:
      since === undefined
        ? `The configuration of stream ${String(stream)} has a field "${field}", which no JetStream API knows${skipped}.`
        : `The field "${field}" of stream ${String(stream)} came with ${since}${skipped}.`,
    fix:
      since !== undefined
        ? `Leave it out, or run nats-server ${since} or later.`
        : near === undefined
          ? 'Leave it out.'
          : `Write "${near}".`,
    symptom: `invalid JSON: json: unknown field "${field}"`,
  };
}

const STRICT_SINCE = '2.12';

/** Does the server refuse what it does not know? `jetstream { strict: … }` has the last word. */
function isStrict({ natsVersion, confs }: StaticFacts): boolean {
  const said = confs
    .map(({ entries }) => booleanIn(mapOf(entryOf(entries, 'jetstream')) ?? [], 'strict')?.value)
    .find((value) => value !== undefined);
  return said ?? isAtLeast(natsVersion, STRICT_SINCE);
}
