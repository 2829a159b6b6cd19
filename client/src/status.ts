import type { Halt } from './http.ts';
import { META } from './keys.ts';
import { conflictRows, decisionRows, outboxRows, rejectedActions } from './rows.ts';
import type { Progress } from './session.ts';
import type { StoreTx } from './store.ts';

/** Worst first but for `good`; the first that fits is told. */
export type Health =
  /** The server wants another token: let the user sign in. */
  | 'signed_out'
  /** The app, its address or its user's rights are wrong: no try will help. */
  | 'broken'
  /** The server keeps actions for an admin, or refused some: look at `failed`. */
  | 'failing'
  /** An action waits for more than five minutes although there is a network. */
  | 'stalled'
  /** A person is to decide. */
  | 'conflicts'
  | 'good';

/** For the indicator that users see. */
export type SyncStatusReport = {
  /** What the network says, and whether the last request was answered. */
  online: boolean;
  syncing: boolean;
  /** Actions and decisions without a final outcome. */
  pending: number;
  /** Actions that the server keeps for an admin, and rejected ones that the app has not dismissed. */
  failed: number;
  /** Open conflicts that nobody decided yet. */
  conflicts: number;
  /** End of the last whole cycle, ISO 8601. */
  lastSync: string | null;
  health: Health;
  progress: Progress | null;
};

/** What the store can't know. */
export type Moment = { online: boolean; syncing: boolean; progress: Progress | null; halt: Halt | undefined; now: number };

/** As the server's `stalled` (protocol.md, status). */
const STALLED_MS = 5 * 60_000;

export async function readStatus(tx: StoreTx, { online, syncing, progress, halt, now }: Moment): Promise<SyncStatusReport> {
  const rows = await outboxRows(tx);
  const decisions = await decisionRows(tx);
  const waiting = rows.filter(({ state }) => state === 'new' || state === 'sent' || state === 'queued');
  const failed = rows.filter(({ state }) => state === 'failed').length + (await rejectedActions(tx)).length;
  const decided = new Set(decisions.map(({ conflictId }) => conflictId));
  const conflicts = (await conflictRows(tx)).filter(({ conflict }) => !decided.has(conflict.id)).length;
  const lastSync = (await tx.get(META.lastSync)) as number | undefined;
  const stalled = online && waiting.some(({ at }) => now - at > STALLED_MS);
  return {
    online,
    syncing,
    pending: waiting.length + decisions.length,
    failed,
    conflicts,
    lastSync: lastSync === undefined ? null : new Date(lastSync).toISOString(),
    health: healthOf(halt, failed > 0, stalled, conflicts > 0),
    progress,
  };
}

function healthOf(halt: Halt | undefined, failed: boolean, stalled: boolean, conflicts: boolean): Health {
  if (halt === 'signed_out') return 'signed_out';
  if (halt === 'forbidden' || halt === 'other_user' || halt === 'refused') return 'broken';
  if (failed) return 'failing';
  if (stalled) return 'stalled';
  return conflicts ? 'conflicts' : 'good';
}
