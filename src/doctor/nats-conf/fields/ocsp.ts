import { type Block, block, field } from '../blocks.ts';
import { goQuoted, goType } from '../go-values.ts';
import { anything, either, only, type Shape, text } from '../shapes.ts';
import { seconds } from '../time-shapes.ts';

const MODES = ['always', 'must', 'never', 'auto'];
const SWITCH = 'true, false or a block';

const stapling: Block = {
  fields: [
    field(
      'mode',
      text((site, value) => {
        if (!MODES.includes(value.toLowerCase()))
          site.report({
            code: 'choice',
            message: 'error parsing ocsp config: unsupported ocsp mode string',
            wanted: MODES.join(', '),
          });
      }),
    ),
    // The server wants a type there that its reader never makes, so that nothing fits.
    field(
      'urls',
      only(
        [],
        ({ value }) => `interface conversion: interface {} is ${goType(value)}, not []string`,
        '`url`',
      ),
    ),
    field('url', text()),
  ],
  unknown: () => 'error parsing ocsp config: unsupported field string',
  exact: true,
  strict: true,
};

export const ocsp: Shape = either(
  { boolean: anything, map: block(stapling) },
  only([], ({ value }) => `error parsing ocsp config: unsupported type ${goType(value)}`, SWITCH),
  SWITCH,
);

const cacheField = (kinds: ('string' | 'boolean')[], words: string): Shape =>
  only(kinds, ({ key }) => `error parsing OCSP peer cache config, unknown field [${goQuoted(key)}]`, words);

const cacheType: Shape = {
  text: 'none or local',
  check(site) {
    const { value } = site;
    if (value.kind !== 'string') cacheField(['string'], this.text).check(site);
    else if (!['none', 'local'].includes(value.value.toLowerCase()))
      site.report({
        code: 'choice',
        message: `error parsing OCSP peer cache config, unknown type [${value.value}]`,
        wanted: this.text,
      });
  },
};

const cache: Block = {
  fields: [
    field('type', cacheType),
    field('local_store', cacheField(['string'], 'a folder')),
    field('preserve_revoked', cacheField(['boolean'], 'true or false')),
    field(
      'save_interval',
      seconds((problem) => `error parsing OCSP peer cache config, conversion error: ${problem}`, {
        checked: () => true,
      }),
    ),
  ],
  unknown: (key) => `error parsing OCSP peer cache config, unknown field [${goQuoted(key)}]`,
  strict: true,
};

export const ocspCache: Shape = either(
  { boolean: anything, map: block(cache) },
  only([], ({ value }) => `error parsing tags: unsupported type ${goType(value)}`, SWITCH),
  SWITCH,
);

const peerFlag = only(
  ['boolean'],
  ({ key }) => `error parsing tls peer config, unknown field [${goQuoted(key)}]`,
  'true or false',
);
const peerTime = seconds((problem) => `error parsing tls peer config, conversion error: ${problem}`, {
  checked: () => true,
});

const peer: Block = {
  fields: [
    field('verify', peerFlag),
    field('warn_only', peerFlag),
    field('unknown_is_good', peerFlag),
    field('allow_when_ca_unreachable', peerFlag),
    field('allowed_clockskew', peerTime),
    field('ca_timeout', peerTime),
    field('cache_ttl_when_next_update_unset', peerTime),
  ],
  unknown: (key) => `error parsing tls peer config, unknown field [${goQuoted(key)}]`,
  strict: true,
};

/** Whether the certificates of others are asked about, within `tls`. */
export const ocspPeer: Shape = either(
  { boolean: anything, map: block(peer) },
  only([], () => 'error parsing ocsp peer config: unsupported type map[string]interface {}', SWITCH),
  SWITCH,
);
