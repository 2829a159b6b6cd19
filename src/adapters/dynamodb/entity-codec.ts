import { recordKey } from '../../engine/keys.ts';
import type { EntityRow } from '../../engine/model.ts';
import { expiresAt } from '../../engine/views.ts';
import { ttlSeconds } from './commit-codec.ts';
import { pack, unpack } from './pack.ts';
import type { Item } from './table.ts';

/** A row as an item: what ops look for in plain attributes, the fields as JSON, the rest packed beside them. */
export function rowToItem(row: EntityRow): Item {
  const { fields, n, state, serverId, scope, ...rest } = row;
  const key = recordKey(scope, row.home, row.type, row.entityId);
  return {
    scope,
    key,
    n,
    state,
    server_id: serverId,
    fields: JSON.stringify(fields),
    meta: pack(rest, contextOf(scope, key, n)),
    ...(state === 'live' ? {} : { expires_at: ttlSeconds(expiresAt(row.updatedAt)) }),
  };
}

export function rowOf(item: Item): EntityRow {
  const { scope, key, n, state, server_id: serverId, fields, meta } = item as {
    scope: string; key: string; n: number; state: EntityRow['state']; server_id: number; fields: string; meta: unknown;
  };
  const rest = unpack(meta, contextOf(scope, key, n)) as Omit<EntityRow, 'fields' | 'n' | 'state' | 'serverId' | 'scope'>;
  return { ...rest, scope, n, state, serverId, fields: JSON.parse(fields) as EntityRow['fields'] };
}

function contextOf(scope: string, key: string, n: number): string {
  return `"${key}","home":"${scope}","version":${n},"n":${n}`;
}
