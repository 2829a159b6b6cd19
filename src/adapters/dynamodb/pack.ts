import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { DICTIONARY } from './dictionary.ts';

/** JSON as text, or compressed where that is shorter. Units are counted by size (design 8). */
export type Packed = string | Uint8Array;

/** First byte of the compressed form: raw deflate with the dictionary, then the context. */
const DEFLATE_1 = 1;

/**
 * Packs a JSON value. `context`: text that the reader will have too, such as the item's keys; what repeats it costs
 * next to nothing. It is part of the format: to read, it must be exactly the same.
 */
export function pack(value: unknown, context: string): Packed {
  const text = JSON.stringify(value);
  const bytes = Buffer.from(text);
  const deflated = deflateRawSync(bytes, { dictionary: dictionary(context) });
  return deflated.length + 1 < bytes.length ? Buffer.concat([Uint8Array.of(DEFLATE_1), deflated]) : text;
}

/** Reads what `pack` made. Throws on anything else: stored data is never guessed at (P14). */
export function unpack(packed: unknown, context: string): unknown {
  return JSON.parse(unpackText(packed, context));
}

/** The JSON text that was packed: for those who must know its size before they take it in. */
export function unpackText(packed: unknown, context: string): string {
  if (typeof packed === 'string') return packed;
  if (!(packed instanceof Uint8Array) || packed[0] !== DEFLATE_1) throw new Error('stored data of an unknown format');
  return inflateRawSync(packed.subarray(1), { dictionary: dictionary(context) }).toString();
}

function dictionary(context: string): Uint8Array {
  return Buffer.concat([DICTIONARY, Buffer.from(context)]);
}
