import type { EntityRow, Scope } from '../../engine/model.ts';
import type { AliasRow } from '../../engine/views.ts';

/** Current records and aliases: views of the logs. */
export type EntityStore = {
  /** Strong. Rows that exist, by `${scope}\n${key}` (`recordKey`). */
  get(keys: readonly { scope: Scope; key: string }[]): Promise<Map<string, EntityRow>>;
  /** Puts the row if there is none or one of a lower `n`; else does nothing. Rows that are not live get an expiry. */
  put(row: EntityRow): Promise<void>;
  /** Same rule. An alias that is not live gets an expiry; till then it leads to the tombstone, or to what says that the record left. */
  putAlias(alias: AliasRow): Promise<void>;
  /** Strong. Key of the record with this server id in this scope. */
  alias(scope: Scope, serverId: number): Promise<string | undefined>;
  /** Strong. The rows of this id in the scope: its own record and copies from other homes. */
  find(scope: Scope, type: string, entityId: string): Promise<EntityRow[]>;
  /** Strong. Rows of one type in key order after `after` ('' = from the start), at most `limit`. `next`: the last key read, if there may be more. */
  page(scope: Scope, type: string, after: string, limit: number): Promise<{ rows: EntityRow[]; next?: string }>;
  /** Takes a block of numbers from the counter, for ever: returns its first. Counts from 1. */
  takeServerIds(count: number): Promise<number>;
};
