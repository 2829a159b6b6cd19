import type { Commit } from '../../../src/engine/model.ts';
import type { Watcher } from '../world/watcher.ts';

/** What people decided on conflicts, and which version of the record they had been shown. */
export class Decisions implements Watcher {
  readonly #shown = new Map<string, number>();
  /** Versions that conflicts named, by commit. */
  readonly #versions = new Map<string, { n: number; version: number }[]>();

  /** Somebody decides; without a version, what the conflict itself says counts. */
  decided(conflictId: string, shown: number | undefined): void {
    if (shown !== undefined) this.#shown.set(conflictId, Math.max(shown, this.#shown.get(conflictId) ?? 0));
  }

  committed({ conflicts, n }: Commit): void {
    for (const { id, serverVersion } of conflicts) this.#versions.set(id, [...(this.#versions.get(id) ?? []), { n, version: serverVersion }]);
  }

  /** The newest version that anyone who decided before that commit can have been shown. */
  shown(conflictId: string, n: number): number {
    const named = (this.#versions.get(conflictId) ?? []).filter((entry) => entry.n < n).map((entry) => entry.version);
    return Math.max(0, this.#shown.get(conflictId) ?? 0, ...named);
  }
}
