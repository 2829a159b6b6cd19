import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One project per folder of tests: `npx vitest run --project unit`. */
const FOLDERS = ['unit', 'client', 'console', 'contract', 'infra', 'integration', 'simulation', 'fuzz'];

// Generous, because a slow machine is no fault of the code; nothing here measures time.
const testTimeout = 60_000;
const hookTimeout = 120_000;
// By itself it leaves one core alone: of two, half.
const maxWorkers = '100%';
// Modules keep no state, so files may share them: to load them anew for each took a third of the time.
const isolate = false;

/** Examples import the package by its name, as apps do. */
const alias = [
  { find: /^@fieldsync\/client$/, replacement: fileURLToPath(new URL('client/index.ts', import.meta.url)) },
  { find: /^@fieldsync\/client\/(memory|sqlite|indexeddb)$/, replacement: fileURLToPath(new URL('client/stores/$1.ts', import.meta.url)) },
  { find: /^@fieldsync\/client\/(rxdb|watermelondb|tanstack-db)$/, replacement: fileURLToPath(new URL('client/adapters/$1.ts', import.meta.url)) },
];

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      ...FOLDERS.map((name) => ({ extends: true, test: { name, include: [`test/${name}/**/*.test.ts`], maxWorkers, isolate, testTimeout, hookTimeout } })),
      {
        extends: true,
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
