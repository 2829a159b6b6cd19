import type { AudienceNote } from '../engine/model.ts';
import type { Deps } from './deps.ts';
import type { ParkedNote } from './ports/inbox.ts';
import { revivalDelayMs } from './retry-policy.ts';

/** `parked`: its row in the inbox, if there is one. */
export type NoteMessage = { note: AudienceNote; parked?: string };

/** Puts a note into the inbox, where the sweeper sends it again until a worker has done what it says. */
export async function park(deps: Deps, note: AudienceNote): Promise<void> {
  await deps.inbox.park(parkedNote(deps, note));
}

/** Parks it, or takes over the row that is there: no other worker that has the same note takes it away. Gives its id. */
export async function hold(deps: Deps, { note, parked }: NoteMessage, holder: string): Promise<string> {
  const row = parkedNote(deps, note, parked);
  await deps.inbox.hold({ ...row, holder });
  return row.id;
}

function parkedNote(deps: Deps, note: AudienceNote, id = noteId(deps, note)): ParkedNote {
  return { id, note, sends: 1, dueAt: deps.clock.now() + revivalDelayMs(1) };
}

/** One row per audience, home commit and records, however often its message dies, before it was parked or after. */
export function noteId(deps: Deps, note: AudienceNote): string {
  const records = note.records.map(({ type, entityId }) => [type, entityId]);
  return deps.ids.hash(JSON.stringify([note.scope, note.home, note.n, records]));
}
