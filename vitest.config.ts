import { defineConfig } from 'vitest/config';

/** One project per folder of tests: `npx vitest run --project unit`. */
const FOLDERS = ['unit', 'client', 'contract', 'infra', 'integration', 'simulation'];

// Generous, because a slow machine is no fault of the code; nothing here measures time.
const testTimeout = 60_000;
const hookTimeout = 120_000;

export default defineConfig({
  test: {
    projects: [
      ...FOLDERS.map((name) => ({ test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout } })),
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/e2e-setup.ts'],
          // They start stacks of their own too, and share one: file after file, once all else is done.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 2 * testTimeout,
          hookTimeout,
        },
      },
    ],
  },
});
