import type { Deps } from './deps.ts';
import type { BatchHeader, Owner } from './ports.ts';

/** Pauses between looks at the inbox, ms: short while a worker usually answers, longer later. */
const PAUSES = [25, 25, 40, 60, 100, 150];
const LONGEST_PAUSE = 250;

/** How often who waits has looked, and found nothing, when a worker is done after so many ms. */
export function looksWithin(ms: number): number {
  let [looks, at] = [0, 0];
  while (at < ms) at += PAUSES[looks++] ?? LONGEST_PAUSE;
  return looks;
}

/**
 * Waits until none of these actions is pending any more, at most `waitMs`; what waits behind a dead batch is not
 * waited for. Returns the headers as last read: what stands in none of them is final.
 */
export async function waitFor(deps: Deps, owner: Owner, clientIds: readonly string[], waitMs: number): Promise<BatchHeader[]> {
  const wanted = new Set(clientIds);
  const end = deps.clock.now() + waitMs;
  for (let look = 0; ; look++) {
    const headers = await deps.inbox.headers(owner);
    const left = end - deps.clock.now();
    const moving = headers.flatMap((header) => movingIn(header, headers, wanted));
    if (moving.length === 0 || left <= 0) return headers;
    if (headers.some(({ state }) => state === 'dead') && (await areDone(deps, owner, moving))) return headers;
    await deps.clock.sleep(Math.min(PAUSES[look] ?? LONGEST_PAUSE, left));
  }
}

/** The wanted actions of this batch that can still go on by themselves. */
function movingIn(header: BatchHeader, all: readonly BatchHeader[], wanted: ReadonlySet<string>): string[] {
  if (header.state === 'dead') return [];
  const dead = all.filter((other) => other.state === 'dead' && other.batchId < header.batchId);
  const blocked = new Set(dead.flatMap((other) => other.actions.flatMap((entry) => entry.record ?? [])));
  return header.actions
    .filter((entry) => wanted.has(entry.clientId) && !(entry.record !== undefined && blocked.has(entry.record)))
    .map((entry) => entry.clientId);
}

/** Behind a dead batch, one whose other actions are done must stay: only their outcomes tell. */
async function areDone(deps: Deps, { user }: Owner, clientIds: readonly string[]): Promise<boolean> {
  const done = await deps.actions.get(clientIds.map((clientId) => ({ user, clientId })));
  return done.size === clientIds.length;
}
