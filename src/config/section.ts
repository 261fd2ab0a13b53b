import * as z from 'zod';

// A file is parsed once per process, so compiling each section to a function costs more than it saves. Said here, because
// a section asks when it is made.
z.config({ jitless: true });

/**
 * A map with known keys only. For unknown ones the message is nothing but the allowed keys; `problems.ts` makes one
 * sentence of them for each key.
 */
export const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : 'expected a map of keys and values',
  });
