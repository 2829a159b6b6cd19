import { createHash } from 'node:crypto';
import type { Ids } from '../../service/ports/ids.ts';

/** Ids that are the same on every run with one seed. Hashes are the real ones. */
export function createMemoryIds(seed = 1): Ids {
  let state = seed >>> 0;
  const random = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  return {
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    random,
    hash: (text) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url'),
  };
}
