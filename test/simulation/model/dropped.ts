import { recordKey } from '../../../src/engine/keys.ts';
import type { EntityRow, Scope } from '../../../src/engine/model.ts';
import type { World } from '../world/world.ts';

/** A record in a scope's log. */
export function nameIn(scope: Scope, row: Pick<EntityRow, 'home' | 'type' | 'entityId'>): string {
  return `${scope}\n${recordKey(scope, row.home, row.type, row.entityId)}`;
}

/** Records whose tombstones time has dropped: nobody knows of them from then on, also when their story is told again. */
export class Dropped {
  readonly #world: World;
  #all: { name: string; at: number }[] = [];
  #told = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Which of these are in no table any more, as of now. */
  from(names: Iterable<string>): string[] {
    const stored = this.#stored();
    const gone = [...names].filter((name) => !stored.has(name));
    this.#all.push(...gone.map((name) => ({ name, at: this.#world.now })));
    return gone;
  }

  /** The story begins again. */
  begin(): void {
    this.#told = 0;
  }

  /** Those that were dropped before that time, each once. */
  before(at: number): string[] {
    const from = this.#told;
    while ((this.#all[this.#told]?.at ?? at) < at) this.#told++;
    return this.#all.slice(from, this.#told).map(({ name }) => name);
  }

  /** Those that were dropped after all that is told. A table of before has its tombstone again. */
  last(): string[] {
    const stored = this.#stored();
    this.#all = this.#all.filter(({ name }, i) => i < this.#told || !stored.has(name));
    return this.before(Number.POSITIVE_INFINITY);
  }

  #stored(): Set<string> {
    return new Set(this.#world.stores.entities.rows().map((row) => nameIn(row.scope, row)));
  }
}
