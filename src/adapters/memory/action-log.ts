import { actionKey } from '../../engine/keys.ts';
import type { DoneAction } from '../../engine/model.ts';
import type { ActionLog } from '../../service/ports/action-log.ts';
import { Table } from './table.ts';

export type MemoryActionLog = ActionLog & {
  /** Every row, for looking at. */
  rows(): DoneAction[];
};

/** Outcomes, in memory. */
export function createMemoryActionLog(): MemoryActionLog {
  const table = new Table<DoneAction>();
  return {
    async get(keys) {
      const found = new Map<string, DoneAction>();
      for (const { user, clientId } of keys) {
        const row = table.get(user, clientId);
        if (row) found.set(actionKey(user, clientId), row);
      }
      return found;
    },

    async put(row) {
      if (!table.get(row.user, row.clientId)) table.put(row.user, row.clientId, row);
    },

    async list(user, after, limit) {
      return table.page(user, after, limit);
    },

    rows() {
      return table.all().map(({ row }) => row);
    },
  };
}
