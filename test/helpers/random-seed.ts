/**
 * What random cases are made from: DEVENV_TEST_SEED when it is set; with `CI=true` always the same number, so that a
 * build judges the commit and not the day; else undefined, and every run looks at new cases.
 */
export const RANDOM_SEED: number | undefined =
  process.env.DEVENV_TEST_SEED !== undefined
    ? Number(process.env.DEVENV_TEST_SEED)
    : process.env.CI === 'true'
      ? 20_260_117
      : undefined;

/** For tests that print their seed: to see a failure again, set DEVENV_TEST_SEED to it. */
export const randomSeed = (): number => RANDOM_SEED ?? Math.floor(Math.random() * 2 ** 31);
