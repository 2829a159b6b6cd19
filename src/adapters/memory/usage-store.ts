import type { UsageStore } from '../../service/ports/usage-store.ts';
import { Table } from './table.ts';

/** Counts of days, in memory. */
export function createMemoryUsageStore(): UsageStore {
  const rows = new Table<{ reached: string; counts: Record<string, number> }>();
  return {
    async reached(day, part) {
      return rows.get(day, part)?.reached;
    },

    async add(day, part, { reached, order, counts }) {
      const row = rows.get(day, part);
      if (row?.reached !== reached) return false;
      rows.put(day, part, { reached: order, counts: added(row?.counts ?? {}, counts) });
      return true;
    },

    async day(day) {
      return rows.page(day, '', Infinity).rows.reduce<Record<string, number>>((total, { counts }) => added(total, counts), {});
    },
  };
}

function added(total: Readonly<Record<string, number>>, more: Readonly<Record<string, number>>): Record<string, number> {
  const names = [...new Set([...Object.keys(total), ...Object.keys(more)])];
  return Object.fromEntries(names.map((name) => [name, (total[name] ?? 0) + (more[name] ?? 0)]));
}
