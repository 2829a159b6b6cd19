import type { AudienceNote } from '../engine/model.ts';
import type { Deps } from './deps.ts';
import { revivalDelayMs } from './retry-policy.ts';

/**
 * Puts a note into the inbox, where the sweeper sends it again until a worker that has done what it says takes it away.
 * No change if it is there. Gives its id.
 */
export async function park(deps: Deps, note: AudienceNote, id = noteId(deps, note)): Promise<string> {
  await deps.inbox.park({ id, note, sends: 1, dueAt: deps.clock.now() + revivalDelayMs(1) });
  return id;
}

/** Parks it for one worker: no other that has the same note takes it away. */
export function parkOwn(deps: Deps, note: AudienceNote): Promise<string> {
  return park(deps, note, deps.ids.uuid());
}

/** One row per audience, home commit and records, however often its message dies, before it was parked or after. */
export function noteId(deps: Deps, note: AudienceNote): string {
  const records = note.records.map(({ type, entityId }) => [type, entityId]);
  return deps.ids.hash(JSON.stringify([note.scope, note.home, note.n, records]));
}
