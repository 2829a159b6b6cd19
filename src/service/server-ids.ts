import { epochNumber } from '../engine/order.ts';
import type { Deps } from './deps.ts';

const BLOCK = 100;
const pools = new WeakMap<Deps['entities'], number[]>();

/**
 * Small integers for new records, taken from the counter in blocks of 100 and kept between invocations: no hot counter;
 * gaps are fine (design 3). Returns a function that hands out at least `count` of them.
 */
export async function serverIds(deps: Deps, count: number): Promise<() => number> {
  const pool = pools.get(deps.entities) ?? [];
  pools.set(deps.entities, pool);
  while (pool.length < count) {
    const size = Math.max(BLOCK, count - pool.length);
    const first = epochNumber(deps.epoch, await deps.entities.takeServerIds(size));
    for (let i = 0; i < size; i++) pool.push(first + i);
  }
  return () => {
    const id = pool.shift();
    if (id === undefined) throw new Error('more server ids were taken than reserved');
    return id;
  };
}
