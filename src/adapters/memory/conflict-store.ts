import { actionKey } from '../../engine/keys.ts';
import type { ConflictRow } from '../../engine/model.ts';
import type { PointerRow } from '../../engine/views.ts';
import type { ConflictStore } from '../../service/ports/conflict-store.ts';
import { compareKeys, Table } from './table.ts';

export type MemoryConflictStore = ConflictStore & {
  /** Every conflict, for looking at. */
  rows(): ConflictRow[];
};

/** Conflicts and their pointers, in memory. */
export function createMemoryConflictStore(): MemoryConflictStore {
  const conflicts = new Table<ConflictRow>();
  const pointers = new Table<PointerRow>();
  return {
    async get(keys) {
      const found = new Map<string, ConflictRow>();
      for (const { user, id } of keys) {
        const row = conflicts.get(user, id);
        if (row) found.set(actionKey(user, id), row);
      }
      return found;
    },

    async owner(id) {
      return conflicts.all().find(({ row }) => row.id === id)?.row.user;
    },

    async put(row) {
      const old = conflicts.get(row.user, row.id);
      if (!old || old.n < row.n) conflicts.put(row.user, row.id, row);
    },

    async putPointer(pointer) {
      const old = pointers.get(pointer.user, pointer.key);
      if (!old || old.n < pointer.n) pointers.put(pointer.user, pointer.key, pointer);
    },

    async pointer(user, key) {
      return pointers.get(user, key);
    },

    async countOpen(user, device) {
      const ofDevice = pointers.page(user, '', Number.POSITIVE_INFINITY, (key) => key.startsWith(`${device}#`));
      return ofDevice.rows.filter((pointer) => pointer.open).length;
    },

    async list(user, after, limit) {
      return conflicts.page(user, after, limit);
    },

    async listOpen(after, limit) {
      const open = conflicts
        .all()
        .filter(({ row }) => row.status === 'unresolved')
        .map(({ row }) => ({ place: `${new Date(row.detectedAt).toISOString()}#${row.id}#${row.user}`, row }))
        .filter(({ place }) => compareKeys(place, after) > 0)
        .sort((a, b) => compareKeys(a.place, b.place));
      const given = open.slice(0, limit);
      const keys = given.map(({ row }) => ({ user: row.user, id: row.id }));
      const last = given.at(-1);
      return given.length < open.length && last ? { keys, next: last.place } : { keys };
    },

    rows() {
      return conflicts.all().map(({ row }) => row);
    },
  };
}
