import { RANDOM_SEED } from './random-seed.ts';

// Only where it is wanted: loading fast-check into each file costs seconds in the whole run.
if (RANDOM_SEED !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: RANDOM_SEED });
}
