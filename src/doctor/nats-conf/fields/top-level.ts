import { type Block, block, type Field, field } from '../blocks.ts';
import { goDuration, shownDuration } from '../go-durations.ts';
import { effectiveEntries, goQuoted, goType } from '../go-values.ts';
import { isAnyPublicKey } from '../nkeys.ts';
import { anything, boolean, int32, integer, list, listen, only, type Shape, text, texts } from '../shapes.ts';
import { duration } from '../time-shapes.ts';
import { accounts } from './accounts.ts';
import { authorization } from './authorization.ts';
import { cluster, spacelessName, WRITE_TIMEOUT, writeTimeout } from './cluster.ts';
import { gateway } from './gateway.ts';
import { jetstream } from './jetstream.ts';
import { leafnodes } from './leafnodes.ts';
import { listenFields } from './listening.ts';
import { mappings } from './mappings.ts';
import { mqtt } from './mqtt.ts';
import { ocsp, ocspCache } from './ocsp.ts';
import { resolver, trustedKeys } from './resolver.ts';
import { clientTls } from './tls.ts';
import { websocket } from './websocket.ts';

const lameDuck = (least: bigint, tooLittle: (name: string, shown: string) => string): Shape =>
  text((site, value) => {
    const name = site.key.toLowerCase();
    const read = goDuration(value);
    if ('error' in read) site.report({ code: 'duration', message: `error parsing ${name}: ${read.error}` });
    else if (read.nanoseconds < least)
      site.report({ code: 'range', message: tooLittle(name, shownDuration(read.nanoseconds)) });
  }, duration().text);

const subTokens = integer((site, value) => {
  const problem = value > 255n ? 'is too big' : value <= 0n ? 'can not be negative' : null;
  if (problem !== null) site.report({ code: 'range', message: `${site.key} value ${problem}` });
}, 'a number from 1 to 255');

/** A block of names and values of one kind. */
const valuesOf = (
  kind: 'string' | 'boolean',
  wrongBlock: (type: string) => string,
  wrongValue: (key: string, type: string) => string,
): Shape =>
  only(
    ['map'],
    ({ value }) => wrongBlock(goType(value)),
    'a block',
    (site) => {
      if (site.value.kind !== 'map') return;
      for (const entry of effectiveEntries(site.value.entries))
        if (entry.value.kind !== kind)
          site
            .inside(entry)
            .report({ code: 'type', message: wrongValue(entry.key, goType(entry.value)), wanted: kind });
    },
  );

const notText = (_key: string, type: string): string =>
  `interface conversion: interface {} is ${type}, not string`;

const serverTags: Shape = {
  text: 'a text or a list of texts',
  check(site) {
    const { value } = site;
    const refuse = (type: string): void =>
      site.report({
        code: 'type',
        message: `error parsing tags: unsupported type ${type}`,
        wanted: this.text,
      });
    if (value.kind === 'string') return;
    if (value.kind !== 'list') refuse(goType(value));
    // What comes out of the environment has no place, and the server asks for one.
    else if (value.variableFrom === 'environment' && value.items.length > 0) refuse('string');
    else if (value.items.some(({ kind }) => kind !== 'string'))
      refuse('*conf.token where string is expected');
  },
};

const proxy: Block = {
  fields: [
    field(
      'key public_key',
      text((site, value) => {
        if (!isAnyPublicKey(value))
          site.report({ code: 'key', message: `invalid proxy key ${goQuoted(value)}` });
      }),
    ),
  ],
};

const proxies: Shape = block(
  {
    fields: [
      field(
        'trusted',
        list(
          block(proxy, (type) => `expected proxies' trusted entry to be a map/struct, got ${type}`),
          ({ value }) => `expected proxies' trusted field to be an array, got ${goType(value)}`,
        ),
      ),
    ],
  },
  (type) => `expected proxies to be a map/struct, got ${type}`,
);

const systemAccount: Shape = only(['string'], () => 'system account name must be a string', 'a name');

/** JWTs of accounts. Whether one is signed as it should be is not looked at, whether it is one at all is. */
const preload: Shape = {
  text: 'a block of public nkeys of accounts and their JWTs',
  check(site) {
    valuesOf(
      'string',
      () => 'preload should be a map of account_public_key:account_jwt',
      () => 'preload map value should be a string JWT',
    ).check(site);
    if (site.value.kind !== 'map') return;
    for (const entry of effectiveEntries(site.value.entries))
      if (entry.value.kind === 'string' && !/^[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}$/.test(entry.value.value))
        site.inside(entry).report({ code: 'key', message: 'invalid account JWT', wanted: 'a JWT' });
  },
};

const connectionFields: readonly Field[] = [
  field('listen', listen),
  ...listenFields.slice(1),
  field('client_advertise', text()),
  field('server_name', spacelessName('server')),
  field('max_control_line', int32),
  field('max_payload', int32),
  field('max_pending', integer(undefined, 'a number of bytes, as 64MB without quotes')),
  field('proxy_protocol', boolean, '2.12.2'),
  field('max_connections max_conn', integer()),
  field('max_subscriptions max_subs', integer()),
  field('max_sub_tokens max_subscription_tokens', subTokens, '2.6.4'),
  field('max_closed_clients', integer(), '2.10.26'),
  field('ping_interval', duration()),
  field('ping_max', integer()),
  field('write_deadline', duration()),
  field('write_timeout', writeTimeout, WRITE_TIMEOUT),
  field('no_fast_producer_stall', boolean, '2.10.26'),
  field('no_header_support', boolean),
  field('disable_sublist_cache no_sublist_cache', boolean),
  field('connect_error_reports', integer()),
  field('reconnect_error_reports', integer()),
  field(
    'lame_duck_duration',
    lameDuck(30_000_000_000n, (name, shown) => `invalid ${name} of ${shown}, minimum is 30 seconds`),
  ),
  field(
    'lame_duck_grace_period',
    lameDuck(0n, (name) => `invalid ${name}, needs to be positive`),
  ),
  field('tls', clientTls),
  field('allow_non_tls', boolean),
  field('ocsp', ocsp, '2.3.0'),
  field('ocsp_cache', ocspCache, '2.9.21'),
];

const loggingFields: readonly Field[] = [
  field('debug', boolean),
  field('trace', boolean),
  field('trace_verbose', boolean),
  field('trace_headers', boolean, '2.11.2'),
  field('logtime', boolean),
  field('logtime_utc', boolean, '2.9.21'),
  field('log_file logfile', text(undefined, 'a file')),
  field('logfile_size_limit log_size_limit', integer()),
  field('logfile_max_num log_max_num', integer(), '2.10.0'),
  field('syslog', boolean),
  field('remote_syslog', text()),
  field('pid_file pidfile', text(undefined, 'a file')),
  field('ports_file_dir', text(undefined, 'a folder')),
  field('max_traced_msg_len', integer()),
  field('prof_port', integer()),
  field('prof_block_rate', integer(), '2.10.2'),
];

const monitoringFields: readonly Field[] = [
  field('http', listen),
  field('https', listen),
  field('http_port monitor_port', integer(undefined, 'a port')),
  field('https_port', integer(undefined, 'a port')),
  field('http_base_path', text()),
];

const accountFields: readonly Field[] = [
  field('authorization', authorization),
  field('accounts', accounts),
  field('mappings maps', mappings),
  field('no_auth_user', text()),
  field('default_sentinel', text(), '2.11.2'),
  field('system_account system', systemAccount),
  field('no_system_account no_system no_sys_acc', boolean),
  field('operator operators roots root root_operators root_operator', anything),
  field('resolver account_resolver accounts_resolver', resolver),
  field('resolver_tls', clientTls),
  field('resolver_preload', preload),
  field('resolver_pinned_accounts', texts('resolver_pinned_accounts'), '2.4.0'),
  field('trusted_keys trusted', trustedKeys),
  field('proxies', proxies, '2.12.0'),
];

/** Everything that may stand at the top of a nats.conf. */
export const topLevel: Block = {
  fields: [
    ...connectionFields,
    ...monitoringFields,
    ...loggingFields,
    ...accountFields,
    field('cluster', cluster),
    field('gateway', gateway),
    field('leafnodes leaf', leafnodes),
    field('store_dir storedir', text(undefined, 'a folder'), '2.3.0'),
    field('jetstream', jetstream),
    field(
      'default_js_domain',
      valuesOf('string', (type) => `error default_js_domain config: unsupported type ${type}`, notText),
      '2.7.0',
    ),
    field('websocket ws', websocket),
    field('mqtt', mqtt),
    field('server_tags', serverTags),
    field(
      'server_metadata',
      valuesOf('string', (type) => `error parsing metadata: unsupported type ${type}`, notText),
      '2.12.0',
    ),
    field(
      'feature_flags',
      valuesOf(
        'boolean',
        (type) => `error parsing feature flags: unsupported type ${type}`,
        (key, type) => `error parsing feature flag ${goQuoted(key)}: expected bool, got ${type}`,
      ),
      '2.14.0',
    ),
  ],
};
