import type { Deps } from './deps.ts';
import type { BatchHeader, Owner } from './ports/inbox.ts';

/**
 * Pauses before looks at the inbox, ms. A look costs as much as 10 ms of the function that waits, and half of the last
 * pause is lost too: about 50 ms are the cheapest while a worker usually answers. Later they get longer.
 */
const PAUSES = [40, 40, 50, 60, 60, 100, 150];
const LONGEST_PAUSE = 250;

/** Of a device's many batches only the last that is waited for is looked at, and all of them every so many looks. */
const ALL_EVERY = 4;

/** How often who waits has looked in vain when a worker is done after so many ms. */
export function looksWithin(ms: number): number {
  let looks = 0;
  for (let at = pauseBefore(0); at < ms; at += pauseBefore(looks)) looks += 1;
  return looks;
}

function pauseBefore(look: number): number {
  return PAUSES[look] ?? LONGEST_PAUSE;
}

/**
 * Waits until none of these actions is pending any more, at most `waitMs`; what waits behind a dead batch is not
 * waited for. Returns the headers as last read: what stands in none of them is final.
 */
export async function waitFor(deps: Deps, owner: Owner, waitedFor: readonly string[], waitMs: number): Promise<BatchHeader[]> {
  const wanted = new Set(waitedFor);
  const end = deps.clock.now() + waitMs;
  let last: string | undefined;
  for (let look = 0; ; look++) {
    const left = end - deps.clock.now();
    if (left > 0) await deps.clock.sleep(Math.min(pauseBefore(look), left));
    const ended = deps.clock.now() >= end;
    if (last !== undefined && !ended && look % ALL_EVERY !== 0 && (await isPending(deps, owner, last))) continue;
    const headers = await deps.inbox.headers(owner);
    const moving = headers
      .map((header) => ({ batchId: header.batchId, clientIds: movingIn(header, headers, wanted) }))
      .filter(({ clientIds }) => clientIds.length > 0);
    if (moving.length === 0 || ended) return headers;
    const someDead = headers.some(({ state }) => state === 'dead');
    if (someDead && (await areDone(deps, owner, moving.flatMap(({ clientIds }) => clientIds)))) return headers;
    last = headers.length > 1 ? moving.at(-1)?.batchId : undefined;
  }
}

async function isPending(deps: Deps, owner: Owner, batchId: string): Promise<boolean> {
  return (await deps.inbox.header(owner, batchId))?.state === 'pending';
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
