import type { Deps } from './deps.ts';
import type { BatchHeader, Owner } from './ports.ts';

/** Pauses between looks at the inbox, ms: short while a worker usually answers, longer later. */
const PAUSES = [25, 25, 40, 60, 100, 150, 250];

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
    if (!headers.some((header) => moves(header, headers, wanted)) || left <= 0) return headers;
    await deps.clock.sleep(Math.min(PAUSES[look] ?? 250, left));
  }
}

/** Does this batch hold a wanted action that can still go on by itself? */
function moves(header: BatchHeader, all: readonly BatchHeader[], wanted: ReadonlySet<string>): boolean {
  if (header.state === 'dead') return false;
  const dead = all.filter((other) => other.state === 'dead' && other.batchId < header.batchId);
  const blocked = new Set(dead.flatMap((other) => other.actions.flatMap((entry) => entry.record ?? [])));
  return header.actions.some(
    (entry) => wanted.has(entry.clientId) && !(entry.record !== undefined && blocked.has(entry.record)),
  );
}
