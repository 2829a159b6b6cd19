import type { ActionResult } from '../../../src/protocol/upload.ts';
import type { Intent } from '../model/ledger.ts';
import type { Model } from '../model/model.ts';
import type { OwnRecord } from './compose-action.ts';
import type { Connection } from './connection.ts';
import type { LocalStore } from './local-store.ts';

/** An action that has no final answer yet. `queued`: the server said that it has it, from this very device. */
export type Pending = { intent: Intent; sent: boolean; queued: boolean; failed: boolean };

const MOST_ACTIONS = 60;

/** What a phone did, until the server's last word on it. */
export class Outbox {
  /** Records that it made. */
  own: OwnRecord[] = [];
  /** Actions with a final answer. */
  answered: Intent[] = [];
  pending: Pending[] = [];
  readonly #connection: Connection;
  readonly #model: Model;

  constructor(connection: Connection, model: Model) {
    this.#connection = connection;
    this.#model = model;
  }

  add(intent: Intent): void {
    const { action } = intent;
    this.pending.push({ intent, sent: false, queued: false, failed: false });
    if (action.action_type.startsWith('create_') && !intent.nonsense) {
      this.own.push({ type: action.entity_type, entityId: String(action['entity_id'] ?? action.client_id) });
    }
  }

  /** Begins again with what a backup held: all of it may have been sent. */
  begin(intents: readonly Intent[]): void {
    this.own = [];
    this.answered = [];
    this.pending = intents.map((intent) => ({ intent, sent: true, queued: false, failed: false }));
  }

  /** What had no answer comes first, unchanged; a hasty phone sends the new alone. */
  next(): Pending[] {
    const open = this.pending.filter(({ failed }) => !failed);
    const fresh = open.filter(({ sent }) => !sent);
    const chosen = this.#connection.spec.hasty && fresh.length > 0 && this.#connection.coin() < 0.7 ? fresh : open;
    return chosen.slice(0, MOST_ACTIONS);
  }

  hear(results: readonly ActionResult[], store: LocalStore, scopes: readonly string[]): void {
    const byId = new Map(results.map((result) => [result.client_id, result]));
    for (const pending of [...this.pending]) {
      const result = byId.get(pending.intent.action.client_id);
      if (result && this.#learn(pending, result)) this.#model.downloads.answered(store, result, scopes);
    }
  }

  /** Is this the last word? */
  #learn(pending: Pending, result: ActionResult): boolean {
    const { intent } = pending;
    const { world, device } = this.#connection;
    world.trace(device, () => `hears ${JSON.stringify(result)}`);
    this.#model.ledger.answered(intent, result);
    if (result.record && result.version !== undefined && result.record.version < result.version) {
      world.fail('P7', 'phone', `${result.client_id} made version ${result.version}, and was shown version ${result.record.version}`);
    }
    if (result.duplicate && result.status === 'queued') world.count('a resend was found in the inbox');
    if (result.status === 'failed') pending.failed = true;
    pending.queued = result.status === 'queued' || result.status === 'failed';
    // Restored tables may have forgotten it: it is sent again.
    if (result.status === 'unknown') pending.sent = false;
    if (result.status === 'queued' || result.status === 'failed' || result.status === 'unknown') return false;
    this.pending = this.pending.filter((other) => other !== pending);
    this.answered.push(intent);
    return true;
  }
}
