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
