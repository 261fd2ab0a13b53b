import { type Block, block, field } from '../blocks.ts';
import { goQuoted } from '../go-values.ts';
import { boolean, byVersion, integer, type Shape, text } from '../shapes.ts';
import { duration } from '../time-shapes.ts';
import { isAtLeast } from '../versions.ts';
import { simpleAuthorization } from './authorization.ts';
import { listenFields } from './listening.ts';
import { clientTls } from './tls.ts';

const maxAckPending = integer((site, value) => {
  if (value < 0n || value > 0xffffn)
    site.report({
      code: 'range',
      message: `invalid value ${value}, should in [0..65535] range`,
      wanted: 'a number from 0 to 65535',
    });
}, 'a number from 0 to 65535');

/** It has no effect from 2.9.12, of which `-t` complains. */
const consumerReplicas: Shape = byVersion(
  (version) =>
    isAtLeast(version, '2.9.12')
      ? {
          text: 'nothing: it is ignored',
          check: (site) =>
            site.report({
              code: 'deprecated',
              severity: 'warning',
              message: `invalid use of field ${goQuoted(site.key)}: consumer replicas setting ignored in this server version`,
            }),
        }
      : integer(),
  'nothing: it is ignored',
);

const table: Block = {
  fields: [
    ...listenFields,
    field('tls', clientTls),
    field('authorization authentication', simpleAuthorization),
    field('no_auth_user', text()),
    field('ack_wait ackwait', duration('ack_wait')),
    field('js_api_timeout api_timeout', duration('js_api_timeout'), '2.11.3'),
    field('max_ack_pending max_pending max_inflight', maxAckPending),
    field('js_domain', text(), '2.7.0'),
    field('stream_replicas', integer(), '2.8.3'),
    field('consumer_replicas', consumerReplicas, '2.8.3'),
    field('consumer_memory_storage', boolean, '2.8.3'),
    field(
      'consumer_inactive_threshold consumer_auto_cleanup',
      duration('consumer_inactive_threshold'),
      '2.9.0',
    ),
    field('reject_qos2_publish', boolean, '2.10.4'),
    field('downgrade_qos2_subscribe', boolean, '2.10.4'),
  ],
};

export const mqtt: Shape = block(table, (type) => `Expected mqtt to be a map, got ${type}`);
