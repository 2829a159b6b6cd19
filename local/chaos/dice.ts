/** Chance that the same seed repeats: 0 ≤ x < 1 for a seed and a name. */
export function chance(seed: number, ...name: (string | number)[]): number {
  let hash = mixed(0x811c9dc5 ^ seed);
  for (const part of name) {
    for (const unit of `${part}\n`) hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193) >>> 0;
    hash = mixed(hash);
  }
  return hash / 2 ** 32;
}

function mixed(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** One row of throws. Different names give rows that have nothing to do with each other. */
export class Dice {
  readonly #seed: number;
  readonly #name: string;
  #thrown = 0;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#name = name;
  }

  /** 0 ≤ x < 1. */
  next(): number {
    return chance(this.#seed, this.#name, this.#thrown++);
  }

  hits(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `min` to `max`. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('there is nothing to pick from');
    return list[Math.floor(this.next() * list.length)] as T;
  }
}
