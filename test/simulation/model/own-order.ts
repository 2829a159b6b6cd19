import { uploadOf } from '../../../src/engine/order.ts';
import type { Commit, Outcome } from '../../../src/engine/model.ts';
import type { Intent, Ledger } from './ledger.ts';
import type { Author, RecordState } from './record-state.ts';

/** Each device's own order stands, as its user acted and as its uploads were numbered (P3). */
export class OwnOrder {
  readonly #ledger: Ledger;
  readonly #fail: (detail: string) => void;
  readonly #lastSeq = new Map<string, number>();

  constructor(ledger: Ledger, fail: (detail: string) => void) {
    this.#ledger = ledger;
    this.#fail = fail;
  }

  /** An action takes effect. */
  judged(commit: Commit, outcome: Outcome, intent: Intent): void {
    this.#inOrder(commit, outcome, intent);
    if (outcome.place !== undefined) this.#placed(outcome, outcome.place, intent);
  }

  /**
   * Two uploads at once are numbered as they come: of what a phone sends so against the rules the server can't know its
   * order, unless the upload that counted says so.
   */
  overtook(intent: Intent, outcome: Outcome, state: RecordState, author: Author, field: string): boolean {
    const later = intent.spec.hasty ? state.numberedLater(field, author) : [];
    const told = later.length > 0 ? this.#ledger.toldBefore(outcome) : new Set();
    return later.some(({ clientId }) => !told.has(clientId));
  }

  /** A phone that keeps the rules sees its actions on one record happen in its order. */
  #inOrder(commit: Commit, outcome: Outcome, { seq, spec }: Intent): void {
    const key = `${commit.scope}\n${outcome.home}\n${outcome.entityType}\n${outcome.entityId}\n${outcome.device}`;
    const last = this.#lastSeq.get(key) ?? 0;
    if (seq < last && !spec.hasty) this.#fail(`${outcome.clientId} took effect after a later action of ${outcome.device}`);
    this.#lastSeq.set(key, Math.max(seq, last));
  }

  /** Where an action stands, if not by its number: where one stands that its own upload put before it. */
  #placed({ user, device, clientId, order }: Outcome, place: number, { behind }: Intent): void {
    const before = (behind.get(uploadOf(order)) ?? []).map((id) => this.#ledger.history.outcome(user, id)?.outcome);
    const known = before.some((other) => other?.device === device && (other.place ?? other.order) === place);
    if (!known || place < order) this.#fail(`${clientId} of upload order ${order} was judged as if it stood at ${place}`);
  }
}
