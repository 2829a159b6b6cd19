import { actionKey } from '../../engine/keys.ts';
import type { ConflictRow } from '../../engine/model.ts';
import type { ConflictStore } from '../../service/ports/conflict-store.ts';
import { conflictOf, conflictToItem } from './conflict-codec.ts';
import { justAfter, LAST_ID, ownerPlace, pointerSort } from './keys.ts';
import type { DynamoTable, Expression } from './table.ts';

const INDEX = 'by_open';

/** Conflicts, and the pointers to open ones, of a user (design 3, `sync_conflicts`). */
export function createConflictStore(table: DynamoTable): ConflictStore {
  return {
    async get(keys) {
      const items = await table.getAll(keys.map(({ user, id }) => ({ user, conflict_id: id })));
      return new Map(items.map(conflictOf).map((row) => [actionKey(row.user, row.id), row]));
    },

    async owner(id) {
      const item = await table.get(ownerPlace(id));
      return item && String(item['owner']);
    },

    async put(row) {
      // Before the row itself, so that whoever finds a conflict in the index finds its owner.
      if (row.revision === 1) await table.put({ ...ownerPlace(row.id), owner: row.user });
      await table.put(conflictToItem(row), noneOrOlderThan(row.n));
    },

    async putPointer({ user, key, conflictId, n, open }) {
      await table.put({ user, conflict_id: pointerSort(key), target: conflictId, n, is_open: open }, noneOrOlderThan(n));
    },

    async pointer(user, key) {
      const item = await table.get({ user, conflict_id: pointerSort(key) });
      if (!item) return undefined;
      return { user, key, conflictId: String(item['target']), n: Number(item['n']), open: item['is_open'] === true };
    },

    async countOpen(user, device) {
      const pointers = await table.queryAll({
        where: {
          text: '#user = :user AND begins_with(#id, :device)',
          names: { '#user': 'user', '#id': 'conflict_id' },
          values: { ':user': user, ':device': pointerSort(`${device}#`) },
        },
        strong: true,
      });
      return pointers.filter((pointer) => pointer['is_open'] === true).length;
    },

    async list(user, after, limit) {
      if (justAfter(after) > LAST_ID || limit < 1) return { rows: [] };
      const { items, next } = await table.query({
        where: {
          text: '#user = :user AND #id BETWEEN :first AND :last',
          names: { '#user': 'user', '#id': 'conflict_id' },
          values: { ':user': user, ':first': justAfter(after), ':last': LAST_ID },
        },
        strong: true,
        limit,
      });
      const rows: ConflictRow[] = items.map(conflictOf);
      return next ? { rows, next: String(next['conflict_id']) } : { rows };
    },

    async listOpen(after, limit) {
      if (limit < 1) return { keys: [] };
      const { items, next } = await table.query({
        index: INDEX,
        where: {
          text: '#open = :open AND #at >= :first',
          names: { '#open': 'open', '#at': 'detected_at' },
          values: { ':open': 'open', ':first': justAfter(after) },
        },
        limit,
      });
      const keys = items.map((item) => ({ user: String(item['user']), id: String(item['conflict_id']) }));
      return next ? { keys, next: String(next['detected_at']) } : { keys };
    },
  };
}

function noneOrOlderThan(n: number): Expression {
  return { text: 'attribute_not_exists(#n) OR #n < :n', names: { '#n': 'n' }, values: { ':n': n } };
}
