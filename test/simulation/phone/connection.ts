import type { Deps } from '../../../src/service/deps.ts';
import { hashText, unit } from '../core/random.ts';
import type { DeviceSpec } from '../scenario/scenario.ts';
import { request, type Heard } from '../world/network.ts';
import type { World } from '../world/world.ts';

/** How often one sync tries again before it waits for the next. */
export const TRIES = 4;

/** A phone's way to the server: who it is there, and all that is drawn by lot, in one order. */
export class Connection {
  readonly world: World;
  readonly spec: DeviceSpec;
  device: string;
  /** Grows when the app is closed: nothing asked for before is heard of again. */
  life = 0;
  readonly #key: number;
  #installations = 1;
  #drawn = 0;

  constructor(world: World, spec: DeviceSpec) {
    this.world = world;
    this.spec = spec;
    this.device = spec.id;
    this.#key = hashText(spec.id);
  }

  /** A new installation is a new device. */
  reinstall(): void {
    this.life++;
    this.device = `${this.spec.id}-${++this.#installations}`;
  }

  /** `impatient`: it gives up before there is an answer. */
  request<T>(what: string, body: (deps: Deps) => Promise<T>, impatient = false): Promise<Heard<T>> {
    const impatience = impatient ? 1 : this.spec.hasty && what === 'uploads' ? 0.3 : 0;
    return request(this.world, this.nameOf(what), body, impatience);
  }

  /** A name that nothing else has. */
  nameOf(what: string): string {
    return `${this.device} ${what} ${++this.#drawn}`;
  }

  /** Between 0 and 1. */
  coin(): number {
    return unit(this.#key, ++this.#drawn, 40);
  }

  /** Between 0 and 1, of what was drawn last. */
  side(): number {
    return unit(this.#key, this.#drawn, 41);
  }
}
