import type { DoneAction } from '../../engine/model.ts';

/** Outcomes: a view of the logs. */
export type ActionLog = {
  /**
   * Strong. Rows that exist, by `actionKey(user, clientId)`. `likely`: most of them do; then it costs half, for a row
   * never changes, and one that a weak read finds is the row.
   */
  get(keys: readonly { user: string; clientId: string }[], options?: { likely: boolean }): Promise<Map<string, DoneAction>>;
  /** Puts the row if there is none; else does nothing. */
  put(row: DoneAction): Promise<void>;
  /** Rows of a user by client_id after `after`. */
  list(user: string, after: string, limit: number): Promise<{ rows: DoneAction[]; next?: string }>;
};
