import { actionKey } from '../../engine/keys.ts';
import type { Commit, ConflictRow } from '../../engine/model.ts';
import { viewsOf, type PointerRow } from '../../engine/views.ts';
import type { Deps } from '../deps.ts';
import type { Finding } from './finding.ts';
import type { LogCheck } from './log-check.ts';
import { ViewCheck } from './view-check.ts';

/** Conflicts and the pointers to open ones, as the commits of their home wrote them. */
export class ConflictCheck {
  readonly #deps: Pick<Deps, 'conflicts'>;
  readonly #conflicts: ViewCheck<ConflictRow>;
  readonly #pointers: ViewCheck<PointerRow>;

  constructor(deps: Pick<Deps, 'conflicts'>, applied: number) {
    this.#deps = deps;
    this.#conflicts = new ViewCheck('conflict', applied);
    this.#pointers = new ViewCheck('pointer', applied);
  }

  get size(): number {
    return this.#conflicts.size;
  }

  /** Reads what is stored at the first image: each later image is then compared with a row that is not older. */
  async see(commit: Commit): Promise<void> {
    const { conflicts, pointers } = viewsOf(commit);
    const fresh = conflicts.filter((row) => !this.#conflicts.knows(actionKey(row.user, row.id)));
    if (fresh.length > 0) {
      const rows = await this.#deps.conflicts.get(fresh.map(({ user, id }) => ({ user, id })));
      for (const [key, row] of rows) this.#conflicts.store(key, row);
    }
    for (const row of conflicts) this.#conflicts.see(actionKey(row.user, row.id), row);
    for (const pointer of pointers) {
      const key = actionKey(pointer.user, pointer.key);
      if (!this.#pointers.knows(key)) {
        const row = await this.#deps.conflicts.pointer(pointer.user, pointer.key);
        if (row) this.#pointers.store(key, row);
      }
      this.#pointers.see(key, pointer);
    }
  }

  findings(log: LogCheck): Finding[] {
    return [...this.#conflicts.verdict(log).findings, ...this.#pointers.verdict(log).findings];
  }
}
