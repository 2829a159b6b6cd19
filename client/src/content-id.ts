import { canonicalJson } from '../../src/engine/value.ts';
import type { Json } from './wire.ts';

/**
 * A `client_id` made of what an action says: the same content is the same action however often a library sends it, other
 * content another. For libraries that keep no id per action; equal edits are told apart by the version they are based on.
 */
export function contentId(...content: Json[]): string {
  const text = canonicalJson(content);
  return [1, 2, 3, 4].map((seed) => hash(text, seed).toString(36).padStart(11, '0')).join('').slice(0, 40);
}

/** cyrb53: 53 bits that spread well. Nobody gains by a collision: ids count per user and content is compared. */
function hash(text: string, seed: number): number {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0);
}
