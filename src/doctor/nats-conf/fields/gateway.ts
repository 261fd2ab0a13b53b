import { type Block, block, field } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { goType } from '../go-values.ts';
import { boolean, entryOf, integer, list, type Shape, text } from '../shapes.ts';
import { duration } from '../time-shapes.ts';
import { linkAuthorization } from './authorization.ts';
import { spacelessName, WRITE_DEADLINE, WRITE_TIMEOUT, writeTimeout } from './cluster.ts';
import { listenFields } from './listening.ts';
import { serverTls } from './tls.ts';
import { urls } from './urls.ts';

const gatewayUrl = text((site, value) => urls.checkOne(site, value, 'gateway'), 'a URL');

const remote: Block = {
  fields: [
    field('name', text()),
    field('tls', serverTls),
    field('url', gatewayUrl),
    field('urls', list(gatewayUrl)),
  ],
};

const table: Block = {
  fields: [
    field('name', spacelessName('gateway')),
    ...listenFields,
    field('authorization', linkAuthorization('Gateway')),
    field('tls', serverTls),
    field('advertise', text()),
    field('connect_retries', integer()),
    field('connect_backoff', boolean, '2.12.0'),
    field(
      'gateways',
      list(
        block(
          remote,
          () => 'Expected gateway entry to be a map/struct',
          (site: Site) => urls.checkDuplicates(site, entryOf(site.value, 'urls')?.value, 'gateway'),
        ),
        ({ value }) => `Expected gateways field to be an array, got ${goType(value)}`,
      ),
    ),
    field('reject_unknown reject_unknown_cluster', boolean),
    field('write_deadline', duration(), WRITE_DEADLINE),
    field('write_timeout', writeTimeout, WRITE_TIMEOUT),
  ],
};

export const gateway: Shape = block(table, (type) => `Expected gateway to be a map, got ${type}`);
