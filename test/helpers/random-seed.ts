/**
 * What random cases are made from: DEVENV_TEST_SEED when it is set, else undefined, and every run looks at new cases.
 * `.ci/run` sets it by the commit: a build judges the commit and not the day, and the next commit meets other cases.
 */
export const RANDOM_SEED: number | undefined =
  process.env.DEVENV_TEST_SEED === undefined ? undefined : Number(process.env.DEVENV_TEST_SEED);

/** For tests that print their seed: to see a failure again, set DEVENV_TEST_SEED to it. */
export const randomSeed = (): number => RANDOM_SEED ?? Math.floor(Math.random() * 2 ** 31);
