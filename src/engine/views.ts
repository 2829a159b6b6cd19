import { TIMES } from '../protocol/limits.ts';
import { actionKey, globalKey, pointerKey, recordKey } from './keys.ts';
import type { AttachmentLink, AudienceNote, Commit, ConflictRow, DoneAction, EntityRow, Scope } from './model.ts';

/** `server_id` → key of the record in this scope. */
export type AliasRow = { scope: Scope; serverId: number; key: string; n: number; live: boolean };

/** Leads to the conflict of a device on a record; `open` until a person resolved it. */
export type PointerRow = { user: string; key: string; conflictId: string; n: number; open: boolean };

/** A link of a commit, with all that its view is told. `key`: `globalKey` of the record. */
export type LinkRow = AttachmentLink & { key: string; n: number; at: number; row: EntityRow };

/** What a commit implies: everything that redo writes and sends. Derived, never stored apart (design 1, crash-safe). */
export type Views = {
  rows: EntityRow[];
  aliases: AliasRow[];
  conflicts: ConflictRow[];
  pointers: PointerRow[];
  links: LinkRow[];
  notes: AudienceNote[];
  actions: DoneAction[];
};

export function viewsOf(commit: Commit): Views {
  const { scope, n, at } = commit;
  const notes = new Map<Scope, AudienceNote>();
  for (const { row, to } of commit.changes) {
    for (const audience of to) {
      if (audience === scope) continue;
      const note = notes.get(audience) ?? { scope: audience, home: scope, n, records: [] };
      note.records.push({ type: row.type, entityId: row.entityId });
      notes.set(audience, note);
    }
  }
  return {
    rows: commit.changes.map((change) => change.row),
    aliases: commit.changes.flatMap(({ row, alias }) =>
      alias
        ? [{ scope, serverId: row.serverId, key: recordKey(scope, row.home, row.type, row.entityId), n, live: alias === 'put' }]
        : [],
    ),
    conflicts: commit.conflicts,
    pointers: pointersOf(commit),
    links: commit.changes.flatMap(({ row, links = [] }) =>
      links.map((link) => ({ ...link, key: globalKey(row.home, row.type, row.entityId), n, at, row })),
    ),
    notes: [...notes.values()],
    actions: commit.outcomes.map((outcome) => ({ ...outcome, scope, n, at })),
  };
}

/** One per device and record: an old question may be resolved in the very commit that opens a new one. */
function pointersOf({ n, conflicts }: Commit): PointerRow[] {
  const pointers = new Map<string, PointerRow>();
  for (const conflict of conflicts) {
    const open = conflict.status === 'unresolved';
    // What a strategy settled at once never was a question: it must not hide one that is open.
    if (!open && conflict.revision === 1) continue;
    const key = pointerKey(conflict);
    const name = actionKey(conflict.user, key);
    if (open || !pointers.has(name)) pointers.set(name, { user: conflict.user, key, conflictId: conflict.id, n, open });
  }
  return [...pointers.values()];
}

/** When a commit, or a row that says that something is gone, may be dropped, in ms. */
export function expiresAt(at: number): number {
  return at + TIMES.retentionMs;
}
