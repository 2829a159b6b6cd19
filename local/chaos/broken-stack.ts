import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../stack.ts';
import type { LocalStack } from '../stack-types.ts';
import { StackChaos } from './stack-chaos.ts';
import { Inside } from './workload/inside.ts';

/** Fewer than the template's, so that dead letters happen in a run of seconds. */
const MAX_RECEIVES = 4;

/** A stack of its own in memory, made to be broken. */
export type BrokenStack = { stack: LocalStack; chaos: StackChaos; inside: Inside; stop(): Promise<void> };

export async function startBrokenStack(options: { checkAccess: boolean }): Promise<BrokenStack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fieldsync-chaos-'));
  const chaos = new StackChaos();
  const stack = await startStack({
    port: 0, dataDir, inMemory: true, maxReceives: MAX_RECEIVES, chaos, ...options,
  });
  chaos.attach(stack);
  const inside = new Inside(stack);
  return {
    stack,
    chaos,
    inside,
    async stop() {
      inside.close();
      await stack.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Alarms that no trouble outside of the code may ever raise: each means that something is broken. */
const NEVER = ['hole_in_log', 'redo_failed', 'batch_dead', 'unknown_error', 'consumer_failed', 'message_unreadable', 'dead_letter_failed'];

/** Lines of the functions' log that hold such an alarm. */
export async function alarms({ logFile }: LocalStack): Promise<string[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  return lines.filter((line) => line.includes('"ERROR"') && NEVER.some((event) => line.includes(`"${event}"`)));
}

/** Sums of what the functions counted, from the metrics in their log. */
export async function metrics({ logFile }: LocalStack): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const line of (await readFile(logFile, 'utf8')).split('\n')) {
    if (!line.includes('"_aws"')) continue;
    const found = JSON.parse(line.slice(line.indexOf('{'))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(found)) {
      if (typeof value === 'number') sums.set(name, (sums.get(name) ?? 0) + value);
    }
  }
  return sums;
}
