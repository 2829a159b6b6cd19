import type { Head } from '../../../src/engine/cursor.ts';
import { recordKey } from '../../../src/engine/keys.ts';
import type { Commit, EntityRow, Scope } from '../../../src/engine/model.ts';
import type { Owner } from '../../../src/service/ports/inbox.ts';
import type { Message } from '../../../src/service/ports/queue.ts';
import type { Task } from '../core/task.ts';
import type { Watcher } from '../world/watcher.ts';
import type { World } from '../world/world.ts';
import type { Ledger } from './ledger.ts';
import { sameFields } from './values.ts';

/** `applied` is a promise: up to there every view is written and every audience was told (design 1; P1, P7, P13). */
export class Applied implements Watcher {
  readonly #world: World;
  readonly #ledger: Ledger;
  /** Records that an audience was told to look at: newest home commit, by audience, home and record. */
  readonly #told = new Set<string>();
  readonly #committers = new Map<Commit, Task>();

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  sent(message: Message): void {
    if (message.kind !== 'note') return;
    const { scope, home, n, records } = message.note;
    for (const { type, entityId } of records) this.#told.add(`${scope}\n${home}\n${n}\n${type}\n${entityId}`);
  }

  committed(commit: Commit, task: Task): void {
    this.#committers.set(commit, task);
  }

  async advanced(scope: Scope, from: number, to: number, task: Task): Promise<void> {
    for (let n = from + 1; n <= to; n++) {
      const commit = this.#ledger.history.commit(scope, n);
      if (commit && this.#committers.get(commit) !== task) this.#world.count('a commit was redone by another');
      if (commit) await this.#redone(commit);
      else this.#world.fail('P14', 'applied', `applied of ${scope} moved over ${n}, which was never committed`);
    }
  }

  /** What is not applied when the next epoch begins never will be. */
  epochBegan(scope: Scope, head: Head): void {
    const end = this.#ledger.history.end(scope);
    if (!isAppliedTo(head, end)) this.#world.fail('P13', 'applied', `a new epoch of ${scope} began at ${head.applied}, its log ended at ${end}`);
  }

  /** A batch may go only when every one of its actions has an outcome that `applied` has reached: of two, that of its own scope. */
  async removing({ user, device }: Owner, batchId: string): Promise<void> {
    const header = await this.#world.stores.inbox.header({ user, device }, batchId);
    for (const { clientId } of header?.actions ?? []) {
      const all = this.#ledger.history.allOutcomes(user, clientId);
      const decided = all.find(({ scope }) => scope === header?.scope) ?? all.at(-1);
      const applied = decided && (await this.#world.stores.log.head(decided.scope)).applied;
      if (!decided || (applied ?? 0) < decided.n) {
        const why = decided ? `is at ${decided.scope} ${decided.n}, applied only to ${applied}` : 'has no outcome';
        this.#world.fail('P1', 'applied', `batch ${batchId} of ${device} was removed, but ${clientId} ${why}`);
      }
    }
  }

  async #redone(commit: Commit): Promise<void> {
    const { scope, n } = commit;
    const { entities, actions, conflicts } = this.#world.stores;
    const missing = (what: string) => this.#world.fail('P13', 'applied', `applied of ${scope} reached ${n} before ${what}`);
    const keys = commit.changes.map(({ row }) => ({ scope, key: recordKey(scope, row.home, row.type, row.entityId) }));
    const rows = await entities.get(keys);
    for (const [i, { row, to }] of commit.changes.entries()) {
      const stored = rows.get(`${scope}\n${keys[i]?.key}`);
      if (!stored || stored.n < n || (stored.n === n && !sameRow(stored, row))) missing(`the row of ${row.entityId}`);
      for (const audience of to) {
        const told = audience === scope || this.#told.has(`${audience}\n${scope}\n${n}\n${row.type}\n${row.entityId}`);
        if (!told) missing(`${audience} was told of ${row.entityId}`);
      }
    }
    const done = await actions.get(commit.outcomes);
    if (done.size < commit.outcomes.length) missing('an outcome was written');
    const found = await conflicts.get(commit.conflicts);
    for (const { id } of commit.conflicts) if (![...found.values()].some((row) => row.id === id && row.n >= n)) missing(`conflict ${id}`);
  }
}

/** Is the log applied to its end? An epoch without a commit stands before its first number. */
export function isAppliedTo({ applied, start }: Head, end: number): boolean {
  return applied === end || (applied === start - 1 && end < start);
}

function sameRow(a: EntityRow, b: EntityRow): boolean {
  return a.version === b.version && a.state === b.state && sameFields(a.fields, b.fields);
}
