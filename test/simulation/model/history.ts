import { actionKey, recordKey } from '../../../src/engine/keys.ts';
import type { Commit, ConflictRow, EntityRow, Outcome, Scope } from '../../../src/engine/model.ts';

/** What a commit made of a record in its scope. */
export type Image = { n: number; row: EntityRow };
export type Decided = { outcome: Outcome; scope: Scope; n: number };

/** All that was ever committed, as it happened: what the tables are held against. */
export class History {
  readonly #commits = new Map<Scope, Map<number, Commit>>();
  readonly #order: { commit: Commit; at: number }[] = [];
  readonly #images = new Map<Scope, Map<string, Image[]>>();
  readonly #decided = new Map<string, Decided[]>();
  readonly #conflicts = new Map<string, ConflictRow>();
  readonly #ends = new Map<Scope, number>();

  /** Adds a commit that was put. Says what is wrong with it, if anything. */
  add(commit: Commit, at: number): string | undefined {
    const { scope, n } = commit;
    const end = this.end(scope);
    const wrong = n === end + 1 || (n % 1_000_000 === 0 && n > end) ? undefined : `commit ${n} of ${scope} follows ${end}`;
    this.#order.push({ commit, at });
    this.#ends.set(scope, Math.max(end, n));
    const commits = this.#commits.get(scope) ?? new Map<number, Commit>();
    this.#commits.set(scope, commits.set(n, commit));
    const images = this.#images.get(scope) ?? new Map<string, Image[]>();
    this.#images.set(scope, images);
    for (const { row } of commit.changes) {
      const key = recordKey(scope, row.home, row.type, row.entityId);
      images.set(key, [...(images.get(key) ?? []), { n, row }]);
    }
    for (const outcome of commit.outcomes) {
      const key = actionKey(outcome.user, outcome.clientId);
      this.#decided.set(key, [...(this.#decided.get(key) ?? []), { outcome, scope, n }]);
    }
    for (const conflict of commit.conflicts) this.#conflicts.set(conflict.id, conflict);
    return wrong;
  }

  /** The history as it was at that time. */
  until(time: number): History {
    const history = new History();
    for (const { commit, at } of this.#order) if (at <= time) history.add(commit, at);
    return history;
  }

  commit(scope: Scope, n: number): Commit | undefined {
    return this.#commits.get(scope)?.get(n);
  }

  /** All commits, with the time at which each was put. */
  timed(): readonly { commit: Commit; at: number }[] {
    return this.#order;
  }

  /** Number of the last commit of a scope. */
  end(scope: Scope): number {
    return this.#ends.get(scope) ?? 0;
  }

  scopes(): Scope[] {
    return [...this.#commits.keys()];
  }

  outcomes(): Decided[] {
    return [...this.#decided.values()].flatMap((all) => all.at(-1) ?? []);
  }

  /** Every word on every action: two, where one was judged in two scopes (P2). */
  words(): Decided[] {
    return [...this.#decided.values()].flat();
  }

  outcome(user: string, clientId: string): Decided | undefined {
    return this.allOutcomes(user, clientId).at(-1);
  }

  /** One, but for an action that was judged in two scopes (P2). */
  allOutcomes(user: string, clientId: string): readonly Decided[] {
    return this.#decided.get(actionKey(user, clientId)) ?? [];
  }

  conflicts(): ConflictRow[] {
    return [...this.#conflicts.values()];
  }

  conflict(id: string): ConflictRow | undefined {
    return this.#conflicts.get(id);
  }

  /** Images by record key, in order of their commits. */
  images(scope: Scope): ReadonlyMap<string, readonly Image[]> {
    return this.#images.get(scope) ?? new Map();
  }
}

/** The last image at or below a number. */
export function imageAt(images: readonly Image[], n: number): Image | undefined {
  return images.findLast((image) => image.n <= n);
}
