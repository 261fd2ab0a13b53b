import { defineConfig } from 'vitest/config';

/** The same random cases for all, where DEVENV_TEST_SEED is set. */
const setupFiles = ['./test/helpers/one-seed.ts'];

/**
 * Three projects, from cheap to dear. `contract` and `e2e` talk to real servers, so their files run one after
 * another: on two cores, parallel servers only measure each other. Time limits are for what hangs: many times what a
 * test takes, because a machine that is busy with something else is no mistake of ours.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/helpers/closing-line-reporter.ts'],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000, setupFiles } },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          setupFiles,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          setupFiles,
          fileParallelism: false,
        },
      },
    ],
  },
});
