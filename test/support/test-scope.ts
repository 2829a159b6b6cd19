import type { Engine } from '../../src/engine/context.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { actionKey, recordKey } from '../../src/engine/keys.ts';
import type {
  AcceptedAction,
  Acceptance,
  Attachment,
  AudienceNote,
  Claims,
  Commit,
  ConflictRow,
  Decision,
  EntityRow,
  Outcome,
  Scope,
} from '../../src/engine/model.ts';
import { planCommit, type Plan, type Work } from '../../src/engine/plan.ts';
import { viewsOf, type LinkRow, type PointerRow } from '../../src/engine/views.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { claims, ENGINE, T0 } from './builders.ts';

/**
 * One scope's log in memory, worked as the service works it: plan, append, write the views that the commit implies
 * (only if absent or of a lower number), plan on. The clock is `at`, moved by the test.
 */
export class TestScope {
  readonly scope: Scope;
  readonly engine: Engine;
  readonly rows = new Map<string, EntityRow>();
  readonly conflicts = new Map<string, ConflictRow>();
  readonly pointers = new Map<string, PointerRow>();
  readonly attachments = new Map<string, Attachment>();
  readonly links: LinkRow[] = [];
  readonly outcomes = new Map<string, Outcome>();
  readonly log: Commit[] = [];
  readonly notes: AudienceNote[] = [];
  at = T0;
  #serverId = 0;

  constructor(scope: Scope = 'user:alice', engine: Engine = ENGINE) {
    this.scope = scope;
    this.engine = engine;
  }

  /** Applies the work in as few commits as the engine makes of it; returns them. */
  commit(...work: Work[]): Commit[] {
    return this.commitUpTo(Number.POSITIVE_INFINITY, work);
  }

  /** The same with at most so many actions per commit. */
  commitUpTo(maxActions: number, work: readonly Work[]): Commit[] {
    const commits: Commit[] = [];
    let rest = work;
    while (rest.length > 0) {
      const plan = this.plan(rest, maxActions);
      if (plan.commit) {
        this.append(plan.commit);
        commits.push(plan.commit);
      } else if (plan.taken === 0) throw new Error('the engine takes no work and makes no commit');
      rest = rest.slice(plan.taken);
    }
    return commits;
  }

  plan(work: readonly Work[], maxActions = Number.POSITIVE_INFINITY): Plan & { kind: 'planned' } {
    const open = new Map<string, ConflictRow | undefined>();
    for (;;) {
      const state = {
        scope: this.scope,
        next: this.log.length + 1,
        lastAt: this.log.at(-1)?.at ?? 0,
        rows: this.rows,
        done: this.outcomes,
        open,
        conflicts: this.conflicts,
        attachments: this.attachments,
      };
      const plan = planCommit(this.engine, state, work, this.at, () => ++this.#serverId, maxActions);
      if (plan.kind === 'planned') return plan;
      const key = actionKey(plan.pointer.user, plan.pointer.key);
      const pointer = this.pointers.get(key);
      open.set(key, pointer?.open ? this.conflicts.get(actionKey(pointer.user, pointer.conflictId)) : undefined);
    }
  }

  append(commit: Commit): void {
    this.log.push(commit);
    this.redo(commit);
  }

  redo(commit: Commit): void {
    const views = viewsOf(commit);
    for (const row of views.rows) putNewer(this.rows, recordKey(row.scope, row.home, row.type, row.entityId), row);
    for (const conflict of views.conflicts) putNewer(this.conflicts, actionKey(conflict.user, conflict.id), conflict);
    for (const pointer of views.pointers) putNewer(this.pointers, actionKey(pointer.user, pointer.key), pointer);
    for (const outcome of views.actions) {
      const key = actionKey(outcome.user, outcome.clientId);
      if (!this.outcomes.has(key)) this.outcomes.set(key, outcome);
    }
    this.notes.push(...views.notes);
    this.links.push(...views.links);
    for (const { id, key } of views.links) {
      const attachment = this.attachments.get(id);
      if (attachment) this.attachments.set(id, { ...attachment, attachedTo: key });
    }
  }

  /** A record that lives here. */
  row(entityId: string, type = 'note'): EntityRow {
    const row = this.rows.get(recordKey(this.scope, this.scope, type, entityId));
    if (!row) throw new Error(`no ${type} ${entityId}`);
    return row;
  }

  fields(entityId: string, type = 'note'): JsonObject {
    return this.row(entityId, type).fields;
  }

  outcomeOf(work: Work): Outcome {
    if (work.kind !== 'action') throw new Error('looks have no outcome');
    const outcome = this.outcomes.get(actionKey(work.acceptance.actor.sub, work.action.clientId));
    if (!outcome) throw new Error(`no outcome of ${work.action.clientId}`);
    return outcome;
  }

  /** The conflict that an action's outcome names. */
  conflictOf(work: Work): ConflictRow {
    const { user, conflictId } = this.outcomeOf(work);
    const conflict = this.conflicts.get(actionKey(user, conflictId ?? ''));
    if (!conflict) throw new Error('the outcome names no conflict');
    return conflict;
  }

  openConflicts(): ConflictRow[] {
    return [...this.conflicts.values()].filter((conflict) => conflict.status === 'unresolved');
  }
}

function putNewer<Row extends { n: number }>(rows: Map<string, Row>, key: string, row: Row): void {
  const old = rows.get(key);
  if (!old || old.n < row.n) rows.set(key, row);
}

type Over = Partial<AcceptedAction> & { accepted?: Partial<Acceptance> };

/** A device of someone: makes actions in its own order. */
export class Phone {
  readonly device: string;
  readonly claims: Claims;
  readonly #engine: Engine;
  #made = 0;

  constructor(device: string, of: Partial<Claims> = {}, engine: Engine = ENGINE) {
    this.device = device;
    this.claims = claims(of);
    this.#engine = engine;
  }

  create(entityId: string, data: JsonObject, over: Over = {}): Work & { kind: 'action' } {
    return this.act({ actionType: 'create_note', entityId, data, ...over });
  }

  update(entityId: string, data: JsonObject, over: Over = {}): Work & { kind: 'action' } {
    return this.act({ actionType: 'update_note', entityId, data, ...over });
  }

  remove(entityId: string, over: Over = {}): Work & { kind: 'action' } {
    return this.act({ actionType: 'delete_note', entityId, ...over });
  }

  card(data: JsonObject, over: Over = {}): Work & { kind: 'action' } {
    return this.act({ actionType: 'update_card', entityType: 'card', entityId: this.claims.sub, data, ...over });
  }

  /** A decision on a conflict, as the resolve use case queues it. */
  resolve(conflict: ConflictRow, decision: Partial<Decision> = {}, over: Over = {}): Work & { kind: 'action' } {
    return this.act({
      actionType: 'resolve_conflict',
      entityType: conflict.type,
      entityId: conflict.entityId,
      decision: { conflictId: conflict.id, conflictUser: conflict.user, strategy: 'server_wins', ...decision },
      ...over,
    });
  }

  act({ accepted, ...over }: Over): Work & { kind: 'action' } {
    this.#made++;
    const clientId = over.clientId ?? `${this.device}-${this.#made}`;
    return {
      kind: 'action',
      action: {
        clientId,
        actionType: 'update_note',
        entityType: 'note',
        time: T0 + this.#made,
        hash: `hash of ${clientId}`,
        order: this.#made * 1000,
        ...over,
      },
      acceptance: {
        actor: actorOf(this.#engine.domain, this.claims),
        device: this.device,
        acceptedAt: T0,
        retries: 0,
        ...accepted,
      },
    };
  }
}
