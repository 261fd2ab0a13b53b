import { type Block, block, field, type Since } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { goDuration } from '../go-durations.ts';
import { goQuoted } from '../go-values.ts';
import { boolean, choice, entryOf, integer, list, type Shape, text, texts } from '../shapes.ts';
import { duration } from '../time-shapes.ts';
import { isAtLeast } from '../versions.ts';
import { linkAuthorization } from './authorization.ts';
import { compression } from './compression.ts';
import { listenFields } from './listening.ts';
import { permissions } from './permissions.ts';
import { serverTls } from './tls.ts';
import { urls } from './urls.ts';

/** Before 2.11 a name with a space passes here, and the server does not start or does not say so. */
export const spacelessName = (what: 'server' | 'cluster' | 'gateway'): Shape =>
  text((site, value) => {
    if (value.includes(' ') && isAtLeast(site.version, '2.11.0'))
      site.report({ code: 'name', message: `${what} name cannot contain spaces`, subject: value });
  }, 'a name without spaces');

export const writeTimeout = choice(
  ['default', 'close', 'retry'],
  () => "write_timeout must be 'default', 'close' or 'retry'",
  { exact: true },
);

export const WRITE_TIMEOUT: Since = ['2.11.11', '2.12.2'];
export const WRITE_DEADLINE: Since = ['2.11.11', '2.12.1'];

const routePing: Shape = {
  text: duration().text,
  check(site) {
    duration('ping_interval').check(site);
    const { value } = site;
    const read = value.kind === 'string' ? goDuration(value.value) : null;
    if (read !== null && 'nanoseconds' in read && read.nanoseconds > 30_000_000_000n)
      site.report({
        code: 'range',
        severity: 'warning',
        message: "Cluster 'ping_interval' will reset to 30s which is the max for routes",
        wanted: 'at most "30s"',
      });
  },
};

/** Routes know no answers to requests. */
const routePermissions: Shape = {
  text: permissions.text,
  check(site) {
    permissions.check(site);
    const { value } = site;
    const responses = entryOf(value, 'allow_responses', 'publish_allow_responses')?.value;
    if (responses !== undefined && !(responses.kind === 'boolean' && !responses.value))
      site.report({ code: 'conflict', message: 'Cluster permissions do not support dynamic responses' });
    if (isAtLeast(site.version, '2.12.14')) withoutQueues(site);
  },
};

function withoutQueues(site: Site): void {
  const exports = entryOf(site.value, 'sub', 'subscribe', 'export');
  if (exports === undefined) return;
  const parts =
    exports.value.kind === 'map'
      ? ['allow', 'deny'].flatMap((name) => entryOf(exports.value, name)?.value ?? [])
      : [exports.value];
  const subjects = parts.flatMap((part) => (part.kind === 'list' ? part.items : [part]));
  const queue = subjects.find((part) => part.kind === 'string' && /\S\s+\S/.test(part.value));
  if (queue?.kind === 'string')
    site.report({
      code: 'subject',
      message: `cluster export allow: subject ${goQuoted(queue.value)} is not a valid subject`,
      at: queue.span,
      subject: queue.value,
    });
}

const table: Block = {
  fields: [
    field('name', spacelessName('cluster')),
    ...listenFields,
    field('authorization', linkAuthorization('Cluster')),
    field('routes', list(text((site, value) => urls.checkOne(site, value, 'route'), 'a URL'))),
    field('tls', serverTls),
    field('cluster_advertise advertise', text()),
    field('no_advertise', boolean),
    field('connect_retries', integer()),
    field('connect_backoff', boolean, '2.12.0'),
    field('permissions', routePermissions),
    field('pool_size', integer(), '2.10.0'),
    field('accounts', texts('accounts'), '2.10.0'),
    field('compression', compression, '2.10.0'),
    field('ping_interval', routePing, '2.10.10'),
    field('ping_max', integer(), '2.10.10'),
    field('write_deadline', duration(), WRITE_DEADLINE),
    field('write_timeout', writeTimeout, WRITE_TIMEOUT),
  ],
};

export const cluster: Shape = block(
  table,
  (type) => `Expected map to define cluster, got ${type}`,
  (site) => urls.checkDuplicates(site, entryOf(site.value, 'routes')?.value, 'route'),
);
