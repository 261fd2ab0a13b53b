import { type Block, block, field } from '../blocks.ts';
import { goQuoted, goType } from '../go-values.ts';
import { anything, either, list, only, type Shape, text } from '../shapes.ts';
import { plainDuration } from '../time-shapes.ts';

const table: Block = {
  fields: [field('mode', text()), field('rtt_thresholds thresholds rtts rtt', list(plainDuration()))],
  unknown: (key) => `unknown field ${goQuoted(key)}`,
};

const COMPRESSION = 'true, false, a mode as "s2_fast", or { mode, rtt_thresholds }';

/** Modes are looked at when the server starts. */
export const compression: Shape = either(
  { string: anything, boolean: anything, map: block(table) },
  only(
    [],
    ({ key, value }) => `field ${goQuoted(key)} should be a boolean or a structure, got ${goType(value)}`,
    COMPRESSION,
  ),
  COMPRESSION,
);
