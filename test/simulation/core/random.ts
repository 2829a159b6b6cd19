/*
 * All chance of a simulation. Decisions are drawn by *name* (seed, task, step), not from one stream: leaving out an
 * action or a fault leaves every other decision as it was, which is what lets a failure shrink.
 */

/** 32 bits for a text (FNV-1a, mixed once more). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return finish(hash);
}

/** 32 bits that depend on every word. */
export function mix(a: number, b: number, c = 0, d = 0): number {
  let hash = finish(a ^ 0x9e3779b9);
  hash = finish(Math.imul(hash, 31) ^ b);
  hash = finish(Math.imul(hash, 31) ^ c);
  return finish(Math.imul(hash, 31) ^ d);
}

/** 0 ≤ x < 1. */
export function unit(a: number, b: number, c = 0, d = 0): number {
  return mix(a, b, c, d) / 2 ** 32;
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A row of draws under one name; the same seed and name give the same row. */
export class Draws {
  readonly #seed: number;
  readonly #name: number;
  #drawn = 0;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#name = hashText(name);
  }

  /** 0 ≤ x < 1. */
  next(): number {
    return unit(this.#seed, this.#name, this.#drawn++);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `min` to `max`. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[Math.floor(this.next() * list.length)] as T;
  }

  /** Picks by weight. */
  weighted<T>(list: readonly (readonly [number, T])[]): T {
    let left = this.next() * list.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of list) {
      left -= weight;
      if (left < 0) return item;
    }
    return this.pick(list)[1];
  }
}
