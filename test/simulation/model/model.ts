import type { World } from '../world/world.ts';
import { Applied } from './applied.ts';
import { Decisions } from './decisions.ts';
import { Downloads } from './downloads.ts';
import { Ledger } from './ledger.ts';
import { Records } from './records.ts';

/** Everything that is checked while a run goes on. */
export class Model {
  readonly ledger: Ledger;
  readonly decisions = new Decisions();
  readonly downloads: Downloads;
  readonly #records: Records;

  constructor(world: World) {
    this.ledger = new Ledger(world);
    this.downloads = new Downloads(world, this.ledger);
    this.#records = new Records(world, this.ledger, this.decisions);
    // In this order: the later ones look at the history that the ledger keeps.
    world.watchers.push(this.ledger, this.ledger.photos, this.ledger.sight, this.#records, new Applied(world, this.ledger), this.decisions);
  }

  /** Whatever time drops is gone. */
  expire(): void {
    this.#records.forgetDeleted();
    this.ledger.photos.expire();
  }

  /** The tables went back to that time. */
  restore(time: number): void {
    this.ledger.restore(time);
    this.downloads.restore();
    this.#records.restore();
  }
}
