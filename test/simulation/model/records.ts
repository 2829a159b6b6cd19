import { recordKey } from '../../../src/engine/keys.ts';
import type { Commit, ConflictRow, Outcome } from '../../../src/engine/model.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { Task } from '../core/task.ts';
import type { Watcher } from '../world/watcher.ts';
import { PATIENCE_MS } from '../world/network.ts';
import type { World } from '../world/world.ts';
import type { Decisions } from './decisions.ts';
import { Dropped, nameIn } from './dropped.ts';
import type { Intent, Ledger } from './ledger.ts';
import { imageAt } from './history.ts';
import { OwnOrder } from './own-order.ts';
import { RecordState, type Author } from './record-state.ts';
import { isOperator, operate, same, sameFields, textOf } from './values.ts';

/** Values of a new record that the action does not give. */
const INITIAL: Readonly<Record<string, JsonObject>> = { report: { status: 'received' }, task: { status: 'open', visits: 0 }, profile: {} };

type Step = { commit: Commit; outcome: Outcome; intent: Intent; state: RecordState; author: Author; data: JsonObject; conflict: ConflictRow | undefined };

/**
 * Tells every record's story again from what users meant and what they were told, commit by commit, and compares it
 * with the images: nobody's change is overwritten unseen (P4), a device's own order stands (P3), nothing returns from
 * the dead by itself (P9), counters count each action once (P2).
 */
export class Records implements Watcher {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #decisions: Decisions;
  #states = new Map<string, RecordState>();
  #order: OwnOrder;
  readonly #dropped: Dropped;
  #quiet = false;

  constructor(world: World, ledger: Ledger, decisions: Decisions) {
    this.#world = world;
    this.#ledger = ledger;
    this.#decisions = decisions;
    this.#order = this.#newOrder();
    this.#dropped = new Dropped(world);
  }

  /** Begins again with what the history still has, and forgets again what was forgotten in between. */
  restore(): void {
    this.#states = new Map();
    this.#order = this.#newOrder();
    this.#quiet = true;
    this.#dropped.begin();
    for (const { commit, at } of this.#ledger.history.timed()) {
      this.#forget(this.#dropped.before(at));
      this.committed(commit);
    }
    this.#forget(this.#dropped.last());
    this.#quiet = false;
  }

  /** Tombstones have expired: nobody knows of what was deleted, but for those that are still there. */
  forgetDeleted(): void {
    this.#forget(this.#dropped.from([...this.#states].filter(([, { live }]) => !live).map(([name]) => name)));
  }

  #forget(names: readonly string[]): void {
    for (const name of names) if (!this.#states.get(name)?.live) this.#states.delete(name);
  }

  committed(commit: Commit, task?: Task): void {
    const touched = new Set<string>();
    const resolved = new Set<string>();
    for (const outcome of commit.outcomes) {
      const { status, entityId, home } = outcome;
      if (status === 'rejected' || entityId === undefined || home === undefined) continue;
      const name = nameIn(commit.scope, { home, type: outcome.entityType, entityId });
      touched.add(name);
      const state = this.#state(name);
      const conflict = commit.conflicts.find(({ id }) => id === outcome.conflictId);
      const seq = this.#ledger.intent(outcome.clientId)?.seq ?? 0;
      const author = { n: commit.n, user: outcome.user, device: outcome.device, clientId: outcome.clientId, order: outcome.order, place: outcome.place ?? outcome.order, seq };
      if (outcome.actionType === 'resolve_conflict') {
        // The same decision once more is told the same, and does nothing.
        if (conflict && !resolved.has(conflict.id)) this.#resolve(commit, outcome, state, author, conflict);
        if (conflict?.status === 'resolved' && outcome.status === 'success') resolved.add(conflict.id);
        // What the server tells of a photo changes no field.
      } else if (outcome.actionType !== 'attachment_state') this.#act(commit, outcome, state, author, conflict, task);
    }
    this.#compare(commit, touched);
  }

  #newOrder(): OwnOrder {
    return new OwnOrder(this.#ledger, (detail) => this.#fail('P3', detail));
  }

  #state(key: string): RecordState {
    const state = this.#states.get(key) ?? new RecordState();
    this.#states.set(key, state);
    return state;
  }

  #act(commit: Commit, outcome: Outcome, state: RecordState, author: Author, conflict: ConflictRow | undefined, task: Task | undefined): void {
    const intent = this.#ledger.intent(outcome.clientId);
    if (!intent) return this.#fail('P2', `nobody sent ${outcome.clientId}`);
    if (outcome.conflictId !== undefined && !conflict) return this.#fail('P4', `${outcome.clientId} names a conflict that its commit does not hold`);
    this.#order.judged(commit, outcome, intent);
    const wins = conflict?.strategy === 'client_wins' || conflict?.strategy === 'merge';
    const redrivenAt = intent.redrivenAt?.get(outcome.device);
    if (wins && redrivenAt !== undefined && task && redrivenAt < task.startedAt) {
      this.#fail('P4', `${outcome.clientId} came back from the dead and won by itself`);
    }
    const base = (intent.action['base'] ?? {}) as JsonObject;
    const given = Object.entries((intent.action['data'] ?? {}) as JsonObject);
    const data = Object.fromEntries(given.filter(([field, value]) => !(Object.hasOwn(base, field) && same(base[field], value))));
    const step: Step = { commit, outcome, intent, state, author, data, conflict };
    if (intent.action.action_type.startsWith('delete_')) this.#delete(step);
    else if (!state.exists) this.#create(step);
    else if (!state.live) this.#onTombstone(step);
    else this.#write(step);
  }

  #create({ commit, outcome, intent, state, author, data }: Step): void {
    if (outcome.status !== 'success') return this.#fail('P12', `${outcome.clientId} found a conflict where there was no record`);
    const creates = intent.action.action_type.startsWith('create_') || outcome.entityType === 'profile';
    if (!creates) return this.#fail('P9', `${outcome.clientId} made a record at ${commit.scope} ${commit.n}`);
    const fields: JsonObject = { ...INITIAL[outcome.entityType] };
    for (const [field, value] of Object.entries(data)) fields[field] = isOperator(value) ? operate(value, fields[field]) : value;
    state.create(fields, author);
  }

  #onTombstone({ outcome, state, author, data, conflict }: Step): void {
    if (!conflict) return this.#fail('P9', `${outcome.clientId} met a tombstone without a conflict`);
    if (outcome.status === 'success') {
      if (conflict.strategy !== 'client_wins') this.#fail('P9', `${outcome.clientId} brought a record back as ${conflict.strategy}`);
      return state.revive(data, author);
    }
    this.#kept(conflict, outcome, data);
  }

  #delete({ outcome, state, author, intent, conflict }: Step): void {
    if (!state.live) return;
    if (conflict) {
      if (outcome.status === 'success') state.remove(author);
      return;
    }
    if (state.anyOwnLater(author)) this.#fail('P3', `${outcome.clientId} deleted what its device changed later`);
    if (state.anyUnseen(author, this.#seen(intent, outcome))) this.#fail('P4', `${outcome.clientId} deleted what others had changed unseen`);
    state.remove(author);
  }

  #write(step: Step): void {
    const { outcome, intent, state, author, data, conflict } = step;
    const creating = intent.action.action_type.startsWith('create_');
    let reason = creating;
    for (const [field, value] of Object.entries(data)) {
      const current = state.fields[field];
      const next = isOperator(value) ? operate(value, current) : value;
      reason ||= state.isLoose(field);
      if (same(next, current)) continue;
      const counted = isOperator(value) && '$inc' in value;
      // A person decides on all of it, also where the operator met a value that waits already.
      const waits = isOperator(value) && outcome.resolution === 'unresolved' && intent.action['conflict_strategy'] === 'manual';
      const late = !counted && state.ownLater(field, author);
      const overlaps = !isOperator(value) && this.#overlaps(step, field, creating);
      const overtook = this.#order.overtook(intent, outcome, state, author, field);
      reason ||= late || overlaps || overtook;
      if (!conflict) {
        if (late) this.#fail('P3', `${outcome.clientId} overwrote a later change of ${field} by its own device`);
        else if (overlaps) this.#fail('P4', `${outcome.clientId} overwrote ${field} of ${outcome.entityId}, which another had changed unseen, without a conflict`);
        state.set(field, value, author);
      } else if (late || (overtook && outcome.resolution === 'superseded' && conflict.fields.includes(field)) || conflict.held.includes(field) || waits) {
        this.#kept(conflict, outcome, { [field]: value });
        // Held by this action, or by one that joined in the same commit?
        if (!late && !overlaps && conflict.clientIds.length > 1) state.loosen(field, author);
      } else if (!conflict.fields.includes(field) || isOperator(value)) {
        if (overlaps) this.#fail('P4', `${outcome.clientId} overwrote ${field} of ${outcome.entityId}, and its conflict does not say so`);
        state.set(field, value, author);
      } else this.#contested(step, field, overlaps);
    }
    const exact = intent.action['base_version'] !== undefined && intent.redrivenAt === undefined;
    const joined = (conflict?.clientIds.length ?? 0) > 1;
    if (conflict && exact && !reason && !joined && !this.#baseIsUnknown(step)) {
      this.#fail('design 5', `${outcome.clientId} has a conflict over ${conflict.fields.join()} that nobody else changed`);
    }
  }

  /** A field that a conflict lists: what became of it by the strategy, and is the loser's value kept? */
  #contested({ outcome, state, author, data, conflict }: Step, field: string, overlaps: boolean): void {
    const value = data[field];
    if (!conflict || value === undefined) return;
    this.#kept(conflict, outcome, { [field]: value });
    const joined = conflict.clientIds.length > 1;
    if (conflict.status === 'unresolved' && joined && !overlaps) state.loosen(field, author);
    if (conflict.strategy !== 'client_wins' && conflict.strategy !== 'merge') return;
    if (!same(conflict.server?.[field], state.fields[field]) && !state.isLoose(field)) {
      this.#fail('P4', `conflict ${conflict.id} says that ${field} was ${textOf(conflict.server?.[field])}, it was ${textOf(state.fields[field])}`);
    }
    if (conflict.strategy === 'merge') state.loosen(field, author);
    else state.set(field, value, author);
  }

  #overlaps({ intent, outcome, state, author }: Step, field: string, creating: boolean): boolean {
    // An earlier action of this commit may have settled it.
    if (state.isLoose(field)) return false;
    if (creating) return true;
    const base = intent.action['base'] as JsonObject | undefined;
    if (base && Object.hasOwn(base, field) && same(base[field], state.fields[field])) return false;
    return state.unseen(field, author, this.#seen(intent, outcome), outcome.entityType === 'profile');
  }

  /**
   * The newest version that the user can have seen when editing. Who sends times only may have seen what a page told that
   * was on its way, or that came before the phone's clock says; in no case what came after the action was sent.
   */
  #seen({ action, spec, store, editedAt, sentAt }: Intent, outcome: Outcome): number {
    const version = action['base_version'];
    if (typeof version === 'number') return version;
    const ahead = spec.wrongTimes === 'future' ? Number.POSITIVE_INFINITY : Math.max(0, spec.skewMs) + 2 * this.#world.skewMs + PATIENCE_MS;
    return store.versionAt(outcome.home ?? '', outcome.entityType, outcome.entityId ?? '', Math.min(sentAt, editedAt + ahead));
  }

  #baseIsUnknown({ commit, outcome, intent }: Step): boolean {
    const key = recordKey(commit.scope, outcome.home ?? '', outcome.entityType, outcome.entityId ?? '');
    const before = imageAt(this.#ledger.history.images(commit.scope).get(key) ?? [], commit.n - 1);
    return Number(intent.action['base_version']) > (before?.n ?? 0);
  }

  /** The loser's data are in the conflict, unless a later action of the same device joined with newer ones. */
  #kept(conflict: ConflictRow, { clientId }: Outcome, data: JsonObject): void {
    if (!conflict.clientIds.includes(clientId)) return this.#fail('P4', `conflict ${conflict.id} does not name ${clientId}`);
    if (conflict.clientIds.at(-1) !== clientId) return;
    for (const [field, value] of Object.entries(data)) {
      // Operators that wait together become one.
      if (isOperator(value) && conflict.clientIds.length > 1) continue;
      if (!same(conflict.client?.[field], value)) this.#fail('P4', `conflict ${conflict.id} does not keep ${field} of ${clientId}`);
    }
  }

  /** A person's decision touches contested fields only, and none that changed since it was shown. */
  #resolve(commit: Commit, outcome: Outcome, state: RecordState, author: Author, conflict: ConflictRow): void {
    if (conflict.status !== 'resolved' || outcome.status !== 'success') return;
    const contested = [...conflict.fields, ...conflict.held];
    const shown = this.#decisions.shown(conflict.id, commit.n);
    for (const field of contested) {
      if (state.changedAfter(field, shown)) this.#fail('P4', `decision ${outcome.clientId} overwrote ${field}, which changed after ${shown}`);
    }
    const data = conflict.strategy === 'manual' ? (conflict.resolvedData ?? {}) : (conflict.client ?? {});
    if (conflict.strategy === 'server_wins') return;
    if (conflict.strategy === 'client_wins' && conflict.client === null) return state.remove(author);
    if (!state.live) {
      // Only contested fields: the rest was settled when the conflict came, and may have been changed since.
      const decided = Object.fromEntries(Object.entries(data).filter(([field]) => contested.includes(field)));
      if (conflict.strategy !== 'merge' && (conflict.client !== null || Object.keys(data).length > 0)) state.revive(decided, author);
      return;
    }
    for (const [field, value] of Object.entries(data)) {
      if (conflict.strategy === 'merge' && conflict.fields.includes(field)) state.loosen(field, author);
      else if (conflict.strategy === 'manual' || contested.includes(field)) state.set(field, value, author);
    }
  }

  #compare(commit: Commit, touched: ReadonlySet<string>): void {
    const { scope, n } = commit;
    for (const { row } of commit.changes) {
      if (row.home !== scope) continue;
      const name = nameIn(scope, row);
      const state = this.#states.get(name);
      const where = `${row.type} ${row.entityId} at ${scope} ${n}`;
      if (!state || !touched.has(name)) {
        this.#fail('P4', `${where} changed without an action`);
        continue;
      }
      state.fasten(row.fields);
      if (row.version !== n || row.n !== n) this.#fail('P8', `${where} has version ${row.version}`);
      if (state.live !== (row.state === 'live')) this.#fail('P9', `${where} is ${row.state}, the story says otherwise`);
      else if (!sameFields(state.fields, row.fields)) {
        const fields = Object.keys({ ...state.fields, ...row.fields }).filter((field) => !same(state.fields[field], row.fields[field]));
        const told = fields.map((field) => `${field}: ${textOf(row.fields[field])}, should be ${textOf(state.fields[field])}`);
        this.#fail('P4', `${where} has ${told.join('; ')}`);
      }
    }
    for (const name of touched) this.#unchanged(commit, name);
  }

  #unchanged({ scope, n, changes }: Commit, name: string): void {
    const key = name.slice(scope.length + 1);
    if (changes.some(({ row }) => recordKey(scope, row.home, row.type, row.entityId) === key)) return;
    const state = this.#states.get(name);
    // As of this commit: told again after a restore, the history already has what came later.
    const { row } = imageAt(this.#ledger.history.images(scope).get(key) ?? [], n) ?? {};
    // Forgotten with its tombstone: a conflict about it may still be settled.
    if (!state || (!state.exists && row?.state !== 'live')) return;
    state.fasten(row?.fields ?? {});
    if (!row || (row.state === 'live') !== state.live || !sameFields(row.fields, state.fields)) {
      this.#fail('P2', `${key} at ${scope} ${n} was answered as changed, but the commit does not change it`);
    }
  }

  #fail(property: string, detail: string): void {
    if (!this.#quiet) this.#world.fail(property, 'records', detail);
  }
}
