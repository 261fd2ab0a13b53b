import { type Block, block, field } from '../blocks.ts';
import { goType } from '../go-values.ts';
import { isUserSeed } from '../nkeys.ts';
import {
  anything,
  boolean,
  byVersion,
  either,
  entryOf,
  integer,
  list,
  only,
  type Shape,
  text,
} from '../shapes.ts';
import { duration } from '../time-shapes.ts';
import { isAtLeast } from '../versions.ts';
import { leafAuthorization } from './authorization.ts';
import { WRITE_DEADLINE, WRITE_TIMEOUT, writeTimeout } from './cluster.ts';
import { compression } from './compression.ts';
import { checkProxy, checkSameRemotes } from './leaf-remotes.ts';
import { listenFields } from './listening.ts';
import { subjects } from './permissions.ts';
import { clientTls } from './tls.ts';
import { urls } from './urls.ts';

const leafUrl = text((site, value) => urls.checkOne(site, value, 'leafnode'), 'a URL');

const migrate: Shape = byVersion(
  (version) =>
    isAtLeast(version, '2.11.0')
      ? either(
          {
            boolean: anything,
            map: {
              text: 'a block',
              check(site) {
                const delay = entryOf(site.value, 'leader_migrate_delay');
                if (delay?.key === 'leader_migrate_delay') duration().check(site.inside(delay));
              },
            },
          },
          only(
            [],
            ({ value }) => `Expected boolean or map for jetstream_cluster_migrate, got ${goType(value)}`,
            'true or false',
          ),
          'true, false or a block',
        )
      : anything,
  'true, false or { leader_migrate_delay }',
);

const proxy: Block = {
  fields: [
    field('url', text()),
    field('username', text()),
    field('password', text()),
    field('timeout', duration('proxy timeout')),
  ],
};

const remote: Block = {
  fields: [
    field('no_randomize dont_randomize', boolean, '2.2.3'),
    field(
      'url urls',
      either(
        { string: leafUrl, list: list(leafUrl) },
        only([], () => 'Expected remote leafnode url to be an array or string', 'a URL or a list of URLs'),
        'a URL or a list of URLs',
      ),
    ),
    field('account local', text()),
    field('credentials creds', text()),
    field(
      'nkey seed',
      text((site, value) => {
        if (!isUserSeed(value))
          site.report({
            code: 'key',
            // The server prints the seed here; a secret in a terminal is one too many.
            message: 'Remote leafnode nkey is not a valid seed',
          });
      }),
      '2.10.8',
    ),
    field('tls', clientTls),
    field('hub', boolean),
    field('deny_imports deny_import', subjects(false)),
    field('deny_exports deny_export', subjects(false)),
    field('ws_compress ws_compression websocket_compress websocket_compression', boolean),
    field('ws_no_masking websocket_no_masking', boolean),
    field('jetstream_cluster_migrate js_cluster_migrate', migrate, '2.9.0'),
    field('isolate_leafnode_interest isolate', boolean, '2.12.0'),
    field('request_isolation', boolean, '2.12.0'),
    field('compression', compression, '2.10.0'),
    field('first_info_timeout', duration(), '2.10.26'),
    field('dial_timeout', duration(), '2.14.5'),
    field('disabled', boolean, '2.12.0'),
    field(
      'proxy',
      block(proxy, (type) => `Expected proxy to be a map, got ${type}`),
      '2.12.1',
    ),
    field('ignore_discovered_servers', boolean, '2.14.0'),
  ],
};

const remotes: Shape = {
  text: 'a list of blocks',
  check(site) {
    list(
      block(
        remote,
        () => 'Expected remote leafnode entry to be a map/struct',
        (place) => {
          const seed = entryOf(place.value, 'nkey', 'seed');
          const credentials = entryOf(place.value, 'creds', 'credentials');
          if (seed !== undefined && credentials !== undefined && isAtLeast(place.version, '2.10.8'))
            place.report({
              code: 'conflict',
              message: 'Remote leafnode can not have both creds and nkey defined',
              at: seed.keySpan,
              other: credentials.keySpan,
            });
          for (const name of ['url', 'urls'])
            urls.checkDuplicates(place, entryOf(place.value, name)?.value, 'leafnode');
          if (isAtLeast(place.version, '2.12.1')) checkProxy(place);
        },
      ),
      ({ value }) => `Expected remotes field to be an array, got ${goType(value)}`,
    ).check(site);
    if (isAtLeast(site.version, '2.14.0')) checkSameRemotes(site);
  },
};

const minimalVersion = text((site, value) => {
  const match = /^v?([0-9]+)\.?([0-9]+)?\.?([0-9]+)?/.exec(value);
  const problem =
    match === null
      ? "invalid leafnode's minimum version: invalid semver"
      : match[2] === undefined || match[3] === undefined
        ? `invalid leafnode's minimum version: strconv.Atoi: parsing "": invalid syntax`
        : isAtLeast(value, '2.8.0')
          ? null
          : 'the minimum version should be at least 2.8.0';
  if (problem !== null) site.report({ code: 'range', message: problem });
}, 'a version from 2.8.0');

const table: Block = {
  fields: [
    ...listenFields,
    field('authorization', leafAuthorization),
    field('remotes', remotes),
    field(
      'reconnect reconnect_delay reconnect_interval',
      byVersion(
        (version) => (isAtLeast(version, '2.10.12') ? duration('reconnect') : integer()),
        'a duration, before 2.10.12 a number of seconds',
      ),
    ),
    field('dial_timeout', duration(), '2.14.5'),
    field('tls', clientTls),
    field('leafnode_advertise advertise', text()),
    field('no_advertise', boolean),
    field('min_version minimum_version', minimalVersion, '2.8.0'),
    field('compression', compression, '2.10.0'),
    field('isolate_leafnode_interest isolate', boolean, '2.12.0'),
    field('write_deadline', duration(), WRITE_DEADLINE),
    field('write_timeout', writeTimeout, WRITE_TIMEOUT),
  ],
};

export const leafnodes: Shape = block(table, (type) => `Expected map to define a leafnode, got ${type}`);
