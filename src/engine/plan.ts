import { LIMITS } from '../protocol/limits.ts';
import { linksOf, withStates } from './attachments.ts';
import { refreshed } from './conflicts.ts';
import { rejected, type Case, type Effect, type Engine, type Pointer, type View } from './context.ts';
import { actionKey, globalKey, pointerKey, recordKey } from './keys.ts';
import type { AcceptedAction, Acceptance, Attachment, AudienceNote, Change, Commit, ConflictRow, EntityRow, Outcome, Scope } from './model.ts';
import { planAction } from './plan-action.ts';
import { isSettled, planCopy } from './plan-audience.ts';
import { jsonBytes } from './value.ts';

/** One piece of work for a scope, in order. */
export type Work =
  | { kind: 'action'; action: AcceptedAction; acceptance: Acceptance }
  | { kind: 'look'; note: AudienceNote; type: string; entityId: string; home: EntityRow | undefined };

/** What was read, strongly consistent, after the head (design 4, Worker). */
export type ScopeState = {
  scope: Scope;
  /** Number and time of the last commit; the next one is `next`. */
  next: number;
  lastAt: number;
  rows: ReadonlyMap<string, EntityRow>;
  /** Actions that have an outcome, in any scope, by their keys. */
  done: ReadonlyMap<string, Pick<Outcome, 'device' | 'order' | 'place'>>;
  /** By `actionKey(user, pointer key)`; a pointer that is not here has not been read. */
  open: ReadonlyMap<string, ConflictRow | undefined>;
  conflicts: ReadonlyMap<string, ConflictRow>;
  /** By id: the attachments that the work names. */
  attachments: ReadonlyMap<string, Attachment>;
};

export type Plan =
  /** Read these pointers and their conflicts, then plan again. */
  | { kind: 'need'; pointer: Pointer }
  /** The first `taken` pieces of work are in this commit, or need none. No commit: nothing to write. */
  | { kind: 'planned'; taken: number; commit?: Commit };

/** A commit and each row that it implies must fit an item of 400 KB, with room for keys and overhead. */
export const ITEM_BYTES = 360 * 1024;

/**
 * Plans the next commit of a scope: pure, no clock, no I/O. Takes as much of the work as fits one item; several actions
 * on one record fold into one change; an action that has an outcome is left out (P2). What can't fit alone is rejected
 * `too_large`, never a scope that can't be redone (design 4, Worker).
 */
export function planCommit(
  engine: Engine,
  state: ScopeState,
  work: readonly Work[],
  at: number,
  takeServerId: () => number,
  maxActions: number = Number.POSITIVE_INFINITY,
): Plan {
  const place = { scope: state.scope, n: state.next, at: Math.max(at, state.lastAt), takeServerId };
  const draft = new Draft(state);
  let taken = 0;
  /** Must this plan take a number even if it changes nothing? */
  let fences = false;
  for (const item of work) {
    if (item.kind === 'look') {
      const key = recordKey(state.scope, item.note.home, item.type, item.entityId);
      const look = { ...item, copy: draft.view.row(key) };
      const change = planCopy(state.scope, place.n, look);
      if (change && !draft.add({ change })) break;
      fences ||= !change && !isSettled(look);
    } else if (!draft.isDone(item)) {
      if (draft.outcomes.size >= maxActions) break;
      const c: Case = { engine, place, view: draft.view, ...item, before: draft.before(item) };
      const judged = planAction(c);
      if ('need' in judged) return { kind: 'need', pointer: judged.need };
      const planned = withStates(c, judged);
      if (!draft.add(fits(planned) ? effectOf(planned, draft) : rejected(c, 'too_large'))) {
        if (!draft.empty) break;
        draft.add(rejected(c, 'too_large'));
      }
    }
    taken++;
  }
  if (draft.empty && !fences) return { kind: 'planned', taken };
  return { kind: 'planned', taken, commit: draft.commit(place) };
}

function fits(effect: Effect): boolean {
  if (effect.row && jsonBytes(effect.row.fields) > LIMITS.recordBytes) return false;
  if (effect.row && jsonBytes(effect.row) > ITEM_BYTES) return false;
  return !(effect.conflict && jsonBytes(effect.conflict) > ITEM_BYTES);
}

type Addition = { change?: Change; outcome?: Outcome; conflicts?: ConflictRow[] };

/**
 * An action's effect as additions to the commit: its row becomes a change, folded with an earlier one of this commit.
 * Questions opened earlier in this commit show the record as the whole commit leaves it: a version has one image, so
 * nothing that it hides could be seen to have changed since (P4).
 */
function effectOf(effect: Effect, draft: Draft): Addition {
  const { row, outcome, conflict } = effect;
  const own = conflict ? [conflict] : [];
  if (!row) return { outcome, conflicts: own };
  const key = recordKey(row.scope, row.home, row.type, row.entityId);
  const before = draft.rowBefore(key);
  const wasLive = before?.state === 'live';
  const isLive = row.state === 'live';
  const to = new Set([...(before?.audience ?? []), ...(draft.changeOf(key)?.to ?? []), ...row.audience]);
  const alias = isLive === wasLive ? {} : { alias: isLive ? ('put' as const) : ('expire' as const) };
  const others = draft.questionsAbout(row).filter((other) => other.id !== conflict?.id);
  const conflicts = [...own, ...others.map((other) => refreshed(other, row, other.n))];
  const links = linksOf(before, row);
  return { outcome, conflicts, change: { row, to: [...to].sort(), ...alias, ...(links.length > 0 ? { links } : {}) } };
}

/** The commit as it grows: what was read, overlaid with what this plan changes. */
class Draft {
  readonly outcomes = new Map<string, Outcome>();
  readonly #changes = new Map<string, Change>();
  readonly #conflicts = new Map<string, ConflictRow>();
  readonly #state: ScopeState;
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(state: ScopeState) {
    this.#state = state;
  }

  get empty(): boolean {
    return this.outcomes.size === 0 && this.#changes.size === 0;
  }

  readonly view: View = {
    row: (key) => this.#changes.get(key)?.row ?? this.#state.rows.get(key),
    open: (pointer) => {
      for (const conflict of this.#conflicts.values()) {
        const same = conflict.user === pointer.user && pointerKey(conflict) === pointer.key;
        if (same && conflict.status === 'unresolved') return conflict;
      }
      const key = actionKey(pointer.user, pointer.key);
      if (!this.#state.open.has(key)) return 'need';
      const stored = this.#state.open.get(key);
      return stored && (this.#conflicts.get(stored.id) ?? stored);
    },
    conflict: (user, id) => this.#conflicts.get(id) ?? this.#state.conflicts.get(actionKey(user, id)),
    attachment: (id) => {
      const stored = this.#state.attachments.get(id);
      if (!stored || stored.attachedTo !== undefined) return stored;
      const holder = [...this.#changes.values()].find(({ row }) => row.attachments && Object.hasOwn(row.attachments, id))?.row;
      return holder ? { ...stored, attachedTo: globalKey(holder.home, holder.type, holder.entityId) } : stored;
    },
  };

  isDone({ action, acceptance }: { action: AcceptedAction; acceptance: Acceptance }): boolean {
    const key = actionKey(acceptance.actor.sub, action.clientId);
    return this.#state.done.has(key) || this.outcomes.has(key);
  }

  /** Outcome of the action before this one on its record, in the same upload. */
  before({ action, acceptance }: { action: AcceptedAction; acceptance: Acceptance }): Case['before'] {
    if (action.after === undefined) return undefined;
    const key = actionKey(acceptance.actor.sub, action.after);
    const before = this.outcomes.get(key) ?? this.#state.done.get(key);
    // What another device sent before (a phone's backup went on in a new one) has a place in that one's order only.
    return before?.device === acceptance.device ? before : undefined;
  }

  /** The row as it was before this commit. */
  rowBefore(key: string): EntityRow | undefined {
    return this.#state.rows.get(key);
  }

  changeOf(key: string): Change | undefined {
    return this.#changes.get(key);
  }

  /** Conflicts of this commit that are open and about this record. */
  questionsAbout({ home, type, entityId }: EntityRow): ConflictRow[] {
    return [...this.#conflicts.values()].filter(
      (c) => c.status === 'unresolved' && c.home === home && c.type === type && c.entityId === entityId,
    );
  }

  /** Adds it if the commit still fits an item; says whether it did. */
  add({ change, outcome, conflicts = [] }: Addition): boolean {
    const parts: [string, unknown][] = [];
    const { row } = change ?? {};
    const key = row && recordKey(row.scope, row.home, row.type, row.entityId);
    if (change && key) parts.push([`r${key}`, change]);
    for (const conflict of conflicts) parts.push([`c${conflict.id}`, conflict]);
    if (outcome) parts.push([`o${actionKey(outcome.user, outcome.clientId)}`, outcome]);
    const sizes = parts.map(([name, part]) => [name, jsonBytes(part)] as const);
    const total = sizes.reduce((sum, [name, size]) => sum + size - (this.#sizes.get(name) ?? 0), this.#bytes);
    if (total > ITEM_BYTES) return false;
    this.#bytes = total;
    for (const [name, size] of sizes) this.#sizes.set(name, size);
    if (change && key) this.#changes.set(key, change);
    for (const conflict of conflicts) this.#conflicts.set(conflict.id, conflict);
    if (outcome) this.outcomes.set(actionKey(outcome.user, outcome.clientId), outcome);
    return true;
  }

  commit(place: { scope: Scope; n: number; at: number }): Commit {
    return {
      scope: place.scope,
      n: place.n,
      at: place.at,
      prevAt: this.#state.lastAt,
      changes: [...this.#changes.values()],
      outcomes: [...this.outcomes.values()],
      conflicts: [...this.#conflicts.values()],
    };
  }
}
