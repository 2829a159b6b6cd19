import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startStack } from '../../local/stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the stack listens, and the folder with its signing key. */
    stack: { url: string; port: number; dataDir: string };
  }
}

/**
 * One local stack for all end-to-end tests: they share its database and keep apart by fresh users and departments.
 * With FIELDSYNC_URL and FIELDSYNC_DATA_DIR they run against a stack that is there already.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | void> {
  const { FIELDSYNC_URL: running, FIELDSYNC_DATA_DIR: runningData } = process.env;
  if (running && runningData) {
    project.provide('stack', { url: running, port: Number(new URL(running).port), dataDir: runningData });
    return;
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'fieldsync-e2e-'));
  const stack = await startStack({ port: 0, dataDir, inMemory: true });
  project.provide('stack', { url: stack.url, port: stack.port, dataDir });
  return async () => {
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
    // What lib/ forgot to grant would fail only when deployed.
    if (stack.refusals.length > 0) throw new Error(`refused by lib/access.ts: ${[...new Set(stack.refusals)].join('; ')}`);
  };
}
