import { type Block, block, field } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { goQuoted, goType } from '../go-values.ts';
import {
  boolean,
  choice,
  either,
  entryOf,
  integer,
  only,
  type Shape,
  size,
  sizeProblem,
  text,
} from '../shapes.ts';
import { duration, plainDuration } from '../time-shapes.ts';

const parseable = (what: 'size' | 'bool', words: string): Shape =>
  only(
    [what === 'size' ? 'integer' : 'boolean'],
    ({ key, value }) => `Expected a parseable ${what} for ${goQuoted(key)}, got ${value.raw}`,
    words,
  );

const count = parseable('size', 'a whole number');
const bytes = parseable('size', 'a number of bytes, as 4GiB without quotes');
const cipher = choice(['chacha', 'chachapoly', 'aes'], (value) => `Unknown cipher type: ${goQuoted(value)}`);

const batch: Block = {
  fields: [
    field('max_inflight_per_stream', integer()),
    field('max_inflight_total', integer()),
    field('max_msgs', integer()),
    field('timeout', plainDuration()),
  ],
};

const limits: Block = {
  fields: [
    field('max_ack_pending', integer()),
    field('max_ha_assets', integer()),
    field('max_request_batch', integer()),
    field('default_max_consumers', integer(), '2.15.0'),
    field('duplicate_window', plainDuration()),
    field(
      'batch',
      block(batch, (type) => `Expected a map to define batch limits, got ${type}`),
      '2.12.0',
    ),
  ],
};

const tpm: Block = {
  fields: [
    field('keys_file', text()),
    field('encryption_password', text()),
    field('srk_password', text()),
    field('pcr', integer()),
    field('cipher', cipher),
  ],
};

const limitsMessage = (type: string): string => `Expected a map to define JetStreamLimits, got ${type}`;

const absolute = (what: string, check: (value: bigint) => boolean, words: string): Shape => {
  const message = ({ key, value }: Site): string =>
    `Expected an absolute size for ${goQuoted(key)}${what}, got ${value.raw}`;
  return only(['integer'], message, words, (site) => {
    if (site.value.kind === 'integer' && !check(site.value.value))
      site.report({ code: 'range', message: message(site), wanted: words });
  });
};

const isNotNegative = (value: bigint): boolean => value >= 0n;

const compactSize: Shape = {
  text: size().text,
  check(site) {
    size().check(site);
    const { value } = site;
    const negative =
      value.kind === 'integer'
        ? value.value < 0n
        : value.kind === 'string' && sizeProblem(value.value) === null && value.value.startsWith('-');
    if (negative && !/^-0+[KMGT]?$/.test(value.kind === 'string' ? value.value : ''))
      site.report({
        code: 'range',
        message: `Expected an absolute size for ${goQuoted(site.key)}, got ${value.raw}`,
      });
  },
};

const syncInterval: Shape = {
  text: '"always", or a duration in quotes as "2m"',
  check(site) {
    const { value } = site;
    if (value.kind !== 'string' || value.value.toLowerCase() !== 'always') duration().check(site);
  },
};

const table: Block = {
  fields: [
    field('store_dir storedir', text(), '2.2.0'),
    field('store', text(), '2.3.0'),
    field('max_memory_store max_mem_store max_mem', size('max_mem_store')),
    field('max_file_store max_file', size('max_file_store')),
    field('sync_interval sync', syncInterval, '2.10.0'),
    field('domain', text(), '2.2.3'),
    field('enabled enable', boolean),
    field('key ek encryption_key', text(), '2.3.0'),
    field('prev_key prev_ek prev_encryption_key', text(), '2.10.0'),
    field('cipher', cipher, '2.9.0'),
    field('extension_hint', text(), '2.7.0'),
    field('limits', block(limits, limitsMessage), '2.8.0'),
    field('unique_tag', text(), '2.8.0'),
    field('max_outstanding_catchup', size(), '2.9.0'),
    field(
      'strict',
      only(
        ['boolean'],
        ({ value }) => `Expected 'true' or 'false' for bool value, got '${value.raw}'`,
        'true or false',
      ),
      '2.11.0',
    ),
    field('tpm', block(tpm, limitsMessage), '2.11.0'),
    field('max_buffered_size', size(), '2.11.0'),
    field('max_buffered_msgs', count, '2.11.0'),
    field('request_queue_limit', count, '2.10.21'),
    field('info_queue_limit', count, '2.14.0'),
    field('meta_compact', absolute('', isNotNegative, 'a whole number, not negative'), ['2.11.11', '2.12.2']),
    field('meta_compact_size', compactSize, ['2.11.11', '2.12.2']),
    field('meta_compact_sync', boolean, '2.12.5'),
    field(
      'max_concurrent_io',
      absolute(' between 4 and 8192', (value) => value >= 4n && value <= 8192n, 'a number from 4 to 8192'),
      ['2.12.14', '2.14.4'],
    ),
  ],
};

const ENABLED = ['enabled', 'enable', 'disabled', 'disable'];
const enabled = choice(
  ENABLED,
  (value) => `Expected 'enabled' or 'disabled' for string value, got '${value}'`,
);
const SWITCH = 'true, "enabled", "disabled" or a block';

const orSwitch = (blockShape: Shape): Shape =>
  either(
    { boolean: boolean, string: enabled, map: blockShape },
    only([], ({ value }) => `Expected map, bool or string to define JetStream, got ${goType(value)}`, SWITCH),
    SWITCH,
  );

const STORES = ['store', 'store_dir', 'storedir'];

/** Of the server. */
export const jetstream: Shape = orSwitch(
  block(table, undefined, (site) => {
    const named = STORES.flatMap((name) => entryOf(site.value, name) ?? []).filter(
      ({ value }) => value.kind !== 'string' || value.value !== '',
    );
    for (const entry of named.slice(1))
      site.inside(entry).report({
        code: 'duplicate',
        message: "Duplicate 'store_dir' configuration",
        other: named[0]!.keySpan,
      });
  }),
);

const traffic: Shape = {
  text: '"system" or "owner"',
  check(site) {
    const { key, value } = site;
    const fits = value.kind === 'string' && ['system', '', 'owner'].includes(value.value);
    if (!fits)
      site.report({
        code: value.kind === 'string' ? 'choice' : 'type',
        message: `Expected ${value.kind === 'string' ? '' : 'either '}'system' or 'owner' string value for ${goQuoted(key)}, got ${value.kind === 'string' ? value.value : value.raw}`,
        wanted: this.text,
      });
  },
};

const account: Block = {
  fields: [
    field('max_memory max_mem mem memory', bytes),
    field('max_file max_store max_disk store disk', bytes),
    field('max_streams streams', count),
    field('max_consumers consumers', count),
    field('max_bytes_required max_stream_bytes max_bytes', parseable('bool', 'true or false'), '2.7.0'),
    field('mem_max_stream_bytes memory_max_stream_bytes', bytes, '2.8.0'),
    field('disk_max_stream_bytes store_max_stream_bytes', bytes, '2.8.0'),
    field('max_ack_pending', count, '2.8.0'),
    field('cluster_traffic', traffic, '2.11.0'),
  ],
};

/** Of an account. */
export const accountJetStream: Shape = orSwitch(block(account));
