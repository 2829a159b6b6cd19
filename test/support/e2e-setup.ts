import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startStack } from '../../local/stack.ts';
import { ContractRecorder } from './contract-recorder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the stack listens, and the folder with its signing key. */
    stack: { url: string; port: number; dataDir: string };
  }
}

/**
 * One local stack for all end-to-end tests: they share its database and keep apart by fresh users and departments. Every
 * answer it gives, to whichever test, is held to the OpenAPI document.
 * With FIELDSYNC_URL and FIELDSYNC_DATA_DIR they run against a stack that is there already.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | void> {
  const { FIELDSYNC_URL: running, FIELDSYNC_DATA_DIR: runningData } = process.env;
  if (running && runningData) {
    project.provide('stack', { url: running, port: Number(new URL(running).port), dataDir: runningData });
    return;
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'fieldsync-e2e-'));
  const recorder = new ContractRecorder();
  const stack = await startStack({ port: 0, dataDir, inMemory: true, chaos: { network: (api) => recorder.before(api) } });
  project.provide('stack', { url: stack.url, port: stack.port, dataDir });
  return async () => {
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
    // What lib/ forgot to grant would fail only when deployed.
    const faults = [...recorder.violations, ...(await ranWhole(project) ? unseen(recorder) : [])];
    if (faults.length > 0) throw new Error(`not as the OpenAPI document says:\n${faults.join('\n')}`);
    if (stack.refusals.length > 0) throw new Error(`refused by lib/access.ts: ${[...new Set(stack.refusals)].join('; ')}`);
  };
}

/** Did every file of this project run, and not only those that someone chose? */
async function ranWhole(project: TestProject): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const ran = project.vitest.state.getTestModules().filter((module) => module.project.name === project.name);
  return ran.length === testFiles.length;
}

/** Documented routes that no test called. Statuses that none saw are told, for some need trouble on our side. */
function unseen(recorder: ContractRecorder): string[] {
  const missing = recorder.statusesNotSeen.join(', ') || 'nothing';
  process.stdout.write(`${recorder.answers} answers are as the OpenAPI document says; statuses not seen: ${missing}\n`);
  return recorder.routesNotSeen.map((route) => `no test called ${route}`);
}
