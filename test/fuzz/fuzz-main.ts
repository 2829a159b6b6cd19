import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startStack } from '../../local/stack.ts';
import { BOMBS } from './bombs/bombs.ts';
import { fuzz } from './play.ts';
import { MemoryTarget } from './target/memory-target.ts';
import { StackTarget } from './target/stack-target.ts';

const USAGE = `npm run fuzz -- [--inputs N] [--stack M] [--seed S] [--bombs]
  --inputs N   sends N hostile requests through the handlers, over memory (2,000)
  --stack M    sends M more through a local stack of its own (0)
  --seed S     the same requests again
  --bombs      only measures what bodies of 4 MiB cost, made to hurt the parser`;

/** Fuzzes the HTTP API. Ends with 1, and the shortest requests that fail, if any does. */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { inputs: { type: 'string' }, stack: { type: 'string' }, seed: { type: 'string' }, bombs: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const inputs = Number(values.inputs ?? 2000);
  const onStack = Number(values.stack ?? 0);
  const seed = Number(values.seed ?? Math.trunc(Math.random() * 2 ** 31));
  if (values.help || !(inputs >= 0) || !(onStack >= 0) || !Number.isSafeInteger(seed)) return say(USAGE);
  if (values.bombs) return measure();
  say(`seed ${seed}`);
  try {
    if (inputs > 0) await inMemory(inputs, seed);
    if (onStack > 0) await inStack(onStack, seed);
  } catch (error) {
    process.exitCode = 1;
    say(error instanceof Error ? error.message : String(error));
  }
}

async function inMemory(inputs: number, seed: number): Promise<void> {
  const target = await MemoryTarget.start();
  try {
    tell('over memory: no 5xx, nothing stored by a refused one, no alarm', await fuzz(target, inputs, seed));
  } finally {
    await target.stop();
  }
}

async function inStack(inputs: number, seed: number): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fieldsync-fuzz-'));
  const stack = await startStack({ port: 0, dataDir, inMemory: true });
  const target = await StackTarget.of({ url: stack.url, port: stack.port, dataDir });
  try {
    tell('through the stack: no 5xx', await fuzz(target, inputs, seed));
  } finally {
    target.close();
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function tell(what: string, tally: ReadonlyMap<string, number>): void {
  const sum = [...tally.values()].reduce((total, times) => total + times, 0);
  say(`${sum} requests ${what}`);
  for (const [answer, times] of [...tally].sort()) say(`${String(times).padStart(8)}  ${answer}`);
}

/** With as much memory as the functions have, about. */
function measure(): void {
  const script = fileURLToPath(new URL('bombs/measure.ts', import.meta.url));
  for (const { name } of BOMBS) spawnSync(process.execPath, ['--max-old-space-size=900', script, name], { stdio: 'inherit' });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
