import { spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartProblem } from '../start-problem.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles the functions and synthesizes the templates into a folder of this process below `builds`, so that stacks
 * which start at the same time do not read each other's half-written files. Returns that folder.
 * @param signal ends it early, when nothing is to start any more
 */
export async function synthesize(builds: string, signal?: AbortSignal): Promise<string> {
  await removeAbandoned(builds);
  const folder = join(builds, `${process.pid}-${Date.now()}`);
  const output: string[] = [];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin', 'synth.js')], {
      cwd: ROOT,
      env: { ...withoutTestRunner(process.env), CDK_OUTDIR: folder, FIELDSYNC_SYNTH: 'unchecked' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.once('error', (error) => { if (signal?.aborted !== true) reject(error); });
    child.once('close', resolve);
  });
  if (signal?.aborted === true) {
    // It has ended by now, and writes no more.
    await rm(folder, { recursive: true, force: true });
    throw signal.reason;
  }
  if (code !== 0) {
    throw new StartProblem(`The functions or the template could not be built; fix this and start again:\n${output.join('')}`);
  }
  return folder;
}

/** Flags of a test runner are not meant for the CDK app. */
function withoutTestRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, VITEST: _vitest, CDK_CONTEXT_JSON: _context, ...rest } = env;
  return rest;
}

/** Builds whose process was killed before it could remove them. */
async function removeAbandoned(builds: string): Promise<void> {
  const found = await readdir(builds).catch(() => []);
  await Promise.all(found.filter((name) => !isAlive(Number(name.split('-')[0])))
    .map((name) => rm(join(builds, name), { recursive: true, force: true })));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
