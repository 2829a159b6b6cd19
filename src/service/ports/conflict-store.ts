import type { ConflictRow } from '../../engine/model.ts';
import type { PointerRow } from '../../engine/views.ts';

/** Conflicts and their pointers: views of the logs. */
export type ConflictStore = {
  /** Strong. Rows that exist, by `actionKey(user, id)`. */
  get(keys: readonly { user: string; id: string }[]): Promise<Map<string, ConflictRow>>;
  /** Strong. User whose conflict this is: for admins, who know only its id. */
  owner(id: string): Promise<string | undefined>;
  /** Puts the row if there is none or one of a lower `n`. */
  put(row: ConflictRow): Promise<void>;
  putPointer(pointer: PointerRow): Promise<void>;
  /** Strong. Where the pointer leads, open or not. */
  pointer(user: string, key: string): Promise<PointerRow | undefined>;
  /** Strong. Open conflicts of a device. */
  countOpen(user: string, device: string): Promise<number>;
  /** Conflicts of a user by id after `after`. Strong. */
  list(user: string, after: string, limit: number): Promise<{ rows: ConflictRow[]; next?: string }>;
  /** Open conflicts of all users, by time of detection. An index: lags. */
  listOpen(after: string, limit: number): Promise<{ keys: { user: string; id: string }[]; next?: string }>;
};
