import { recordKey } from '../../engine/keys.ts';
import type { EntityRow } from '../../engine/model.ts';
import { expiresAt, type AliasRow } from '../../engine/views.ts';
import type { Clock } from '../../service/ports/clock.ts';
import type { EntityStore } from '../../service/ports/entity-store.ts';
import { Table } from './table.ts';

export type MemoryEntityStore = EntityStore & {
  /** Drops what TTL would have dropped by then, ms, but for rows `scope/key` with which it is late. */
  expire(now: number, isLate?: (name: string) => boolean): void;
  /** Every row, for looking at. */
  rows(): EntityRow[];
};

/** Current records and aliases, in memory. */
export function createMemoryEntityStore(clock: Clock): MemoryEntityStore {
  const entities = new Table<EntityRow>();
  const aliases = new Table<AliasRow & { expiresAt: number }>();
  let lastServerId = 0;

  return {
    async get(keys) {
      const found = new Map<string, EntityRow>();
      for (const { scope, key } of keys) {
        const row = entities.get(scope, key);
        if (row) found.set(`${scope}\n${key}`, row);
      }
      return found;
    },

    async put(row) {
      const key = recordKey(row.scope, row.home, row.type, row.entityId);
      const old = entities.get(row.scope, key);
      if (!old || old.n < row.n) entities.put(row.scope, key, row);
    },

    async putAlias(alias) {
      const sort = String(alias.serverId);
      const old = aliases.get(alias.scope, sort);
      const expiry = alias.live ? Number.POSITIVE_INFINITY : expiresAt(clock.now());
      if (!old || old.n < alias.n) aliases.put(alias.scope, sort, { ...alias, expiresAt: expiry });
    },

    async alias(scope, serverId) {
      return aliases.get(scope, String(serverId))?.key;
    },

    async find(scope, type, entityId) {
      const own = recordKey(scope, scope, type, entityId);
      return entities.page(scope, '', Number.POSITIVE_INFINITY, (key) => key === own || key.startsWith(`${own}#`)).rows;
    },

    async page(scope, type, after, limit) {
      return entities.page(scope, after, limit, (key) => key.startsWith(`${type}#`));
    },

    async takeServerIds(count) {
      const first = lastServerId + 1;
      lastServerId += count;
      return first;
    },

    expire(now, isLate = () => false) {
      const isDue = (name: string, at: number) => at <= now && !isLate(name);
      for (const { partition, sort, row } of entities.all()) {
        if (row.state !== 'live' && isDue(`${partition}/${sort}`, expiresAt(row.updatedAt))) entities.delete(partition, sort);
      }
      for (const { partition, sort, row } of aliases.all()) if (isDue(`${partition}/${sort}`, row.expiresAt)) aliases.delete(partition, sort);
    },

    rows() {
      return entities.all().map(({ row }) => row);
    },
  };
}
