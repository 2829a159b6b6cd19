import type { Pointer } from '../engine/context.ts';
import { actionKey, recordKey } from '../engine/keys.ts';
import { attachmentsToRead } from '../engine/attachments.ts';
import type { Attachment, ConflictRow, EntityRow, Scope } from '../engine/model.ts';
import { copyKey } from '../engine/plan-audience.ts';
import { planCommit, type ScopeState, type Work } from '../engine/plan.ts';
import type { Commit, AudienceNote, DoneAction } from '../engine/model.ts';
import { viewsOf } from '../engine/views.ts';
import { isExpired } from './attachments/expiry.ts';
import type { Deps } from './deps.ts';
import { reportCommit } from './commit-metrics.ts';
import type { AttachmentRow } from './ports/attachment-store.ts';
import { redoSafely, type LogEnd } from './redo.ts';
import { serverIds } from './server-ids.ts';

/** Somebody else wrote the next commit: start again from the head. */
export class Refused extends Error {
  override name = 'Refused';
}

/**
 * One worker's hold of a scope, from a head that was read to the commits that it puts. What it knows is as strong as
 * the next conditional Put: had anyone else committed since, that Put is refused (design 1, fenced).
 */
export class Session {
  readonly scope: Scope;
  readonly #deps: Deps;
  readonly #rows = new Map<string, EntityRow>();
  readonly #done = new Map<string, DoneAction>();
  readonly #open = new Map<string, ConflictRow | undefined>();
  readonly #conflicts = new Map<string, ConflictRow>();
  readonly #attachments = new Map<string, Attachment>();
  #end: LogEnd;

  constructor(deps: Deps, scope: Scope, end: LogEnd) {
    this.#deps = deps;
    this.scope = scope;
    this.#end = end;
  }

  /** Outcome of an action that the session has loaded or made. */
  outcome(user: string, clientId: string): DoneAction | undefined {
    return this.#done.get(actionKey(user, clientId));
  }

  /**
   * Reads, strongly and after the head, what the work may touch. Throws `Refused` when an outcome or a record names a
   * commit of this scope beyond the log's end as read: another worker is ahead, and may have died there. Work that then
   * finds nothing to do would be completed, and nobody would ever bring `applied` to the end (P13).
   */
  async load(work: readonly Work[]): Promise<void> {
    const actions = work.filter((item) => item.kind === 'action');
    const asked = actions.flatMap(({ action: { clientId, after }, acceptance }) =>
      [clientId, ...(after === undefined ? [] : [after])].map((id) => ({ user: acceptance.actor.sub, clientId: id })),
    );
    const users = new Map(asked.map((key) => [actionKey(key.user, key.clientId), key]));
    const decided = actions.flatMap(({ action }) =>
      action.decision ? [{ user: action.decision.conflictUser, id: action.decision.conflictId }] : [],
    );
    const [done, conflicts] = await Promise.all([
      users.size > 0 ? this.#deps.actions.get([...users.values()]) : new Map<string, DoneAction>(),
      decided.length > 0 ? this.#deps.conflicts.get(decided) : new Map<string, ConflictRow>(),
    ]);
    for (const [key, row] of done) {
      if (row.scope === this.scope && row.n >= this.#end.next) throw new Refused();
      this.#done.set(key, row);
    }
    for (const [key, row] of conflicts) this.#conflicts.set(key, row);

    const keys = new Set<string>();
    for (const { action, acceptance } of actions) {
      // A discard asks for nothing that could be what killed the batch.
      if (done.has(actionKey(acceptance.actor.sub, action.clientId)) || action.refusal || acceptance.discard) continue;
      if (action.entityId !== undefined) keys.add(recordKey(this.scope, this.scope, action.entityType, action.entityId));
    }
    for (const row of conflicts.values()) keys.add(recordKey(this.scope, row.home, row.type, row.entityId));
    for (const item of work) if (item.kind === 'look') keys.add(copyKey(this.scope, item.note, item));
    const named = new Set<string>();
    for (const { action, acceptance } of actions) {
      if (done.has(actionKey(acceptance.actor.sub, action.clientId)) || acceptance.discard) continue;
      const { decision } = action;
      const conflict = decision && conflicts.get(actionKey(decision.conflictUser, decision.conflictId));
      for (const id of attachmentsToRead(this.#deps.engine.domain, action, conflict)) named.add(id);
    }
    const [rows, attachments] = await Promise.all([
      keys.size > 0 ? this.#deps.entities.get([...keys].map((key) => ({ scope: this.scope, key }))) : new Map<string, EntityRow>(),
      named.size > 0 ? this.#deps.attachments.get([...named]) : new Map<string, AttachmentRow>(),
    ]);
    for (const [id, attachment] of attachments) if (!isExpired(attachment, this.#deps.clock.now())) this.#attachments.set(id, attachment);
    for (const row of rows.values()) {
      if (row.n >= this.#end.next) throw new Refused();
      this.#rows.set(recordKey(this.scope, row.home, row.type, row.entityId), row);
    }
  }

  /**
   * Plans and commits all of the work, in as many commits as it needs; each is redone before `applied` moves.
   * `beforeFence`: done before a commit that only takes a number.
   */
  async commit(work: readonly Work[], { maxActions, beforeFence }: CommitOptions = {}): Promise<void> {
    let rest = work;
    while (rest.length > 0) {
      const takeServerId = await serverIds(this.#deps, rest.filter((item) => this.#mayCreate(item)).length);
      const plan = planCommit(this.#deps.engine, this.#state(), rest, this.#deps.clock.now(), takeServerId, maxActions);
      if (plan.kind === 'need') {
        await this.#loadOpen(plan.pointer);
        continue;
      }
      if (plan.commit && isFence(plan.commit)) await beforeFence?.();
      if (plan.commit) await this.#append(plan.commit);
      rest = rest.slice(plan.taken);
    }
  }

  #mayCreate(item: Work): boolean {
    if (item.kind === 'look' || item.action.refusal || item.action.decision) return false;
    const op = this.#deps.engine.domain.types[item.action.entityType]?.actions[item.action.actionType]?.op;
    return op === 'create' || op === 'upsert';
  }

  #state(): ScopeState {
    return {
      scope: this.scope,
      next: this.#end.next,
      lastAt: this.#end.lastAt,
      rows: this.#rows,
      done: this.#done,
      open: this.#open,
      conflicts: this.#conflicts,
      attachments: this.#attachments,
    };
  }

  async #loadOpen(pointer: Pointer): Promise<void> {
    const row = await this.#deps.conflicts.pointer(pointer.user, pointer.key);
    const key = row?.open ? { user: pointer.user, id: row.conflictId } : undefined;
    const conflicts = key ? await this.#deps.conflicts.get([key]) : undefined;
    this.#open.set(actionKey(pointer.user, pointer.key), conflicts?.values().next().value);
  }

  async #append(commit: Commit): Promise<void> {
    if ((await this.#deps.log.put(commit)) === 'taken') {
      this.#deps.report.count('commits_refused');
      throw new Refused();
    }
    await redoSafely(this.#deps, commit);
    await this.#deps.log.advance(this.scope, commit.n, commit.at, this.#end.head.epoch);
    reportCommit(this.#deps, commit);
    this.#end = { ...this.#end, next: commit.n + 1, lastAt: commit.at };
    for (const { id, key } of viewsOf(commit).links) {
      const attachment = this.#attachments.get(id);
      if (attachment) this.#attachments.set(id, { ...attachment, attachedTo: key });
    }
    for (const { row } of commit.changes) this.#rows.set(recordKey(this.scope, row.home, row.type, row.entityId), row);
    for (const outcome of commit.outcomes) {
      const done = { ...outcome, scope: this.scope, n: commit.n, at: commit.at };
      this.#done.set(actionKey(outcome.user, outcome.clientId), done);
    }
    // Contested records are read again when a later action meets them: rare, and simpler than keeping them in step.
    this.#open.clear();
    for (const row of commit.conflicts) this.#conflicts.set(actionKey(row.user, row.id), row);
  }
}

type CommitOptions = { maxActions?: number; beforeFence?: () => Promise<void> };

function isFence({ changes, outcomes }: Commit): boolean {
  return changes.length + outcomes.length === 0;
}

/** Work for the records that a note names, with their home rows as they are now (strong; absent means gone). */
export async function looksOf(deps: Deps, notes: readonly AudienceNote[]): Promise<Work[]> {
  const looks = notes.flatMap((note) => note.records.map((record) => ({ note, ...record })));
  if (looks.length === 0) return [];
  const keys = looks.map(({ note, type, entityId }) => ({ scope: note.home, key: recordKey(note.home, note.home, type, entityId) }));
  const homes = await deps.entities.get(keys);
  return looks.map((look, i) => {
    const key = keys[i];
    return { kind: 'look', ...look, home: key && homes.get(`${key.scope}\n${key.key}`) };
  });
}
