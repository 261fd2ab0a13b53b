import { type Block, block, field } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { goInteger, goQuoted, goType } from '../go-values.ts';
import { boolean, entryOf, integer, list, only, type Shape, text } from '../shapes.ts';
import { durationProblem } from '../time-shapes.ts';
import { isAtLeast } from '../versions.ts';

const named = (what: string): Shape =>
  only(['string'], ({ value }) => `Expected ${what} name to be string, got ${goType(value)}`, 'a subject');

const response: Shape = only(
  ['string'],
  ({ value }) => `Expected response type to be string, got ${goType(value)}`,
  'single, stream or chunked',
  (site) => {
    const { value } = site;
    const known = ['single', 'singleton', 'stream', 'chunk', 'chunked'];
    if (value.kind === 'string' && !known.includes(value.value.toLowerCase()))
      site.report({ code: 'choice', message: `Unknown response type: ${goQuoted(value.value)}` });
  },
);

const DURATION = 'a duration in quotes, as "5s"';

const threshold: Shape = only(
  ['string'],
  ({ value }) => `Expected response threshold to be a parseable time duration, got ${goType(value)}`,
  DURATION,
  (site) => {
    const { value } = site;
    if (value.kind === 'string' && durationProblem(value.value) !== null)
      site.report({
        code: 'duration',
        message: `Expected response threshold to be a parseable time duration, got ${goQuoted(value.value)}`,
        wanted: DURATION,
      });
  },
);

const SAMPLING = 'bad sampling percentage, should be 1-100';

function checkSampling(site: Site): void {
  const { value } = site;
  if (value.kind !== 'integer' && value.kind !== 'string') {
    site.report({
      code: 'type',
      message: `Expected latency sample to be a string or map/struct, got ${goType(value)}`,
    });
    return;
  }
  if (value.kind === 'string' && value.value.trim().toLowerCase() === 'headers') return;
  const number = value.kind === 'integer' ? value.value : goInteger(value.value.replace(/%$/, ''));
  if (number === null)
    site.report({
      code: 'range',
      message: `Failed to parse latency sample: strconv.Atoi: parsing ${goQuoted(String(value.value).replace(/%$/, ''))}: invalid syntax`,
    });
  else if (number < 1n || number > 100n) site.report({ code: 'range', message: SAMPLING });
}

const latency: Shape = only(
  ['string', 'map'],
  ({ value }) => `Expected latency entry to be a map/struct or string, got ${goType(value)}`,
  'a subject, or { sampling, subject }',
  (site) => {
    const { value } = site;
    if (value.kind !== 'map') return;
    // Names are taken as they are written here, and others not looked at.
    const own = (name: string) => value.entries.findLast(({ key }) => key === name);
    const sampling = own('sampling');
    if (sampling !== undefined) checkSampling(site.inside(sampling));
    const subject = own('subject');
    if (subject === undefined)
      site.report({ code: 'missing', message: 'Latency subject required, but missing' });
    else if (subject.value.kind !== 'string')
      site.inside(subject).report({
        code: 'type',
        message: 'Expected latency subject to be a string, got string',
      });
  },
);

const table: Block = {
  fields: [
    field('stream', named('stream')),
    field('service', named('service')),
    field('response_type response', response),
    field('response_threshold threshold response_max_time response_time', threshold),
    field('accounts', list(text())),
    field('latency', latency),
    field('account_token_position', integer()),
    field('allow_trace', boolean, '2.11.0'),
  ],
};

/** What makes sense of services only. */
const OF_SERVICES: readonly (readonly [string, readonly string[]])[] = [
  ['response', ['response', 'response_type']],
  ['response', ['threshold', 'response_threshold', 'response_max_time', 'response_time']],
  ['latency', ['latency']],
  ['allow_trace', ['allow_trace']],
];

function checkWhole(site: Site): void {
  const stream = entryOf(site.value, 'stream');
  if (stream === undefined) return;
  const service = entryOf(site.value, 'service');
  if (service !== undefined)
    site.inside(service).report({
      code: 'conflict',
      message: `Detected service ${goQuoted(String(service.value.raw))} but already saw a stream`,
      at: service.keySpan,
      other: stream.keySpan,
    });
  for (const [what, names] of OF_SERVICES) {
    const entry = entryOf(site.value, ...names);
    if (entry === undefined || (what === 'allow_trace' && !isAtLeast(site.version, '2.11.0'))) continue;
    site.inside(entry).report({
      code: 'conflict',
      message: `Detected ${what} directive on non-service`,
      at: entry.keySpan,
    });
  }
}

export const accountExports: Shape = list(
  block(table, (type) => `Export Items should be a map with type entry, got ${type}`, checkWhole),
  ({ value }) => `Exports should be an array, got ${goType(value)}`,
);
