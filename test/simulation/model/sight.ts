import type { AcceptedAction, Scope } from '../../../src/engine/model.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import type { BatchHeader } from '../../../src/service/ports/inbox.ts';
import type { Task } from '../core/task.ts';
import type { Watcher } from '../world/watcher.ts';
import type { World } from '../world/world.ts';
import type { Image } from './history.ts';
import type { Intent, Ledger } from './ledger.ts';

/**
 * Who may be told that there is no such record (P12). Where a record lives is decided when an upload is accepted, by
 * what can be found then; whether its sender sees it, when the action is applied (design 5).
 */
export class Sight implements Watcher {
  readonly #world: World;
  readonly #ledger: Ledger;
  /** Up to where `applied` had come when: what lies below can be found. */
  #reached: { scope: Scope; n: number; at: number }[] = [];
  #restoredAt = Number.NEGATIVE_INFINITY;
  /** Actions refused at acceptance: those for which all that was found missing could not be found then. */
  readonly #mayBeMissing = new Map<string, boolean>();

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  advanced(scope: Scope, _from: number, to: number): void {
    this.#reached.push({ scope, n: to, at: this.#world.now });
  }

  stored(_header: BatchHeader, payload: readonly AcceptedAction[], task: Task): void {
    for (const { clientId, refusal } of payload) {
      const intent = this.#ledger.intent(clientId);
      if (!intent || (refusal?.code !== 'not_found' && refusal?.code !== 'noop')) continue;
      const missing = !this.#isFindable(intent, task.startedAt);
      this.#mayBeMissing.set(clientId, missing || (this.#mayBeMissing.get(clientId) ?? false));
    }
  }

  restore(time: number): void {
    this.#reached = this.#reached.filter(({ at }) => at <= time);
    this.#restoredAt = this.#world.now;
  }

  /** Is it right to say so of this action? `atAcceptance`: it was refused before any worker saw it. */
  mayBeMissing(intent: Intent, atAcceptance: boolean): boolean {
    if (atAcceptance) return this.#mayBeMissing.get(intent.action.client_id) ?? false;
    return !this.#candidates(intent).some(({ images }) => {
      const shown = (scope: Scope) => images.every(({ row }) => scope === row.home || (row.state === 'live' && row.audience.includes(scope)));
      const [first] = images;
      return first !== undefined && first.row.scope === first.row.home && intent.granted.some(shown);
    });
  }

  /** Has every scope that names it here for long, or did this very phone hold it, or make it, when it sent the action? */
  #isFindable(intent: Intent, since: number): boolean {
    const { store, granted } = intent;
    const here = this.#candidates(intent).filter(({ scope }) => granted.includes(scope));
    return here.some(({ scope, images }) => {
      const [first] = images;
      if (!first) return false;
      const { home, type, entityId } = first.row;
      if (this.#reached.some((place) => place.scope === scope && place.n >= first.n && place.at < since)) return true;
      const held = store.get(scope, home, type, entityId);
      return (held !== undefined && held.gotAt < since && held.gotAt > this.#restoredAt) || (scope === home && this.#ownCreateWaits(intent));
    });
  }

  /** A phone that keeps the rules sends what it made itself before what it did to it, until there is an answer. */
  #ownCreateWaits({ action, store, seq, spec }: Intent): boolean {
    if (spec.hasty) return false;
    return this.#ledger.intents().some((other) => {
      const creates = other.store === store && other.seq < seq && !other.heard && other.action.action_type.startsWith('create_');
      return creates && (other.action['entity_id'] ?? other.action.client_id) === action['entity_id'];
    });
  }

  /** The images of what the action may mean, in each scope that never lost sight of it. */
  #candidates({ action }: Intent): { scope: Scope; images: readonly Image[] }[] {
    const { history } = this.#ledger;
    const wanted = action['entity_id'];
    return history.scopes().flatMap((scope) =>
      [...history.images(scope).values()].flatMap((images) => {
        const last = images.at(-1)?.row;
        if (!last || last.type !== action.entity_type || (wanted !== last.entityId && wanted !== last.serverId)) return [];
        if (action['home'] !== undefined && action['home'] !== last.home) return [];
        return this.#isForgotten(images, wanted === last.serverId || last.home !== scope || action.action_type.startsWith('delete_')) ? [] : [{ scope, images }];
      }),
    );
  }

  /** Numbers of what was deleted are forgotten, copies leave, and tombstones too are gone in the end. */
  #isForgotten(images: readonly Image[], onceGone: boolean): boolean {
    if (onceGone) return images.some(({ row }) => row.state !== 'live');
    const last = images.at(-1)?.row;
    return last !== undefined && last.state !== 'live' && this.#world.now - last.updatedAt > TIMES.retentionMs / 2;
  }
}
