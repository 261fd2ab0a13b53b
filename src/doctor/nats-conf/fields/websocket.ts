import { type Block, block, field } from '../blocks.ts';
import { effectiveEntries, goType } from '../go-values.ts';
import { anything, boolean, either, only, type Shape, text, texts } from '../shapes.ts';
import { duration, plainDuration } from '../time-shapes.ts';
import { simpleAuthorization } from './authorization.ts';
import { listenFields } from './listening.ts';
import { clientTls } from './tls.ts';

const headers: Shape = only(
  ['map'],
  ({ value }) => `error parsing headers: unsupported type ${goType(value)}`,
  'a block of texts',
  (site) => {
    if (site.value.kind !== 'map') return;
    for (const entry of effectiveEntries(site.value.entries))
      if (entry.value.kind !== 'string')
        site.inside(entry).report({
          code: 'type',
          message: `error parsing header key ${entry.key}: unsupported type ${goType(entry.value)}`,
          wanted: 'a text',
        });
  },
);

const handshake = either(
  { integer: anything, string: plainDuration() },
  only(
    [],
    ({ value }) => `error parsing handshake timeout: unsupported type ${goType(value)}`,
    plainDuration().text,
  ),
  plainDuration().text,
);

const table: Block = {
  fields: [
    ...listenFields,
    field('advertise', text()),
    field('no_tls', boolean),
    field('tls', clientTls),
    field('same_origin', boolean),
    field(
      'allowed_origins allowed_origin allow_origins allow_origin origins origin',
      texts('allowed origins'),
    ),
    field('handshake_timeout', handshake),
    field('compression compress', boolean),
    field('authorization authentication', simpleAuthorization),
    field('jwt_cookie', text()),
    field('user_cookie', text(), '2.11.0'),
    field('pass_cookie', text(), '2.11.0'),
    field('token_cookie', text(), '2.11.0'),
    field('no_auth_user', text()),
    field('headers', headers, '2.11.0'),
    field('ping_interval', duration(), ['2.11.12', '2.12.3']),
  ],
};

export const websocket: Shape = block(table, (type) => `Expected websocket to be a map, got ${type}`);
