import type { Remembered } from '../../service/ports.ts';
import { pack, type Packed, unpack } from './pack.ts';

/** A time, a cursor, and 1 where the cursor is stored as the text that it encodes. */
type Entry = [ts: number, cursor: string, decoded?: 1];

/**
 * Remembered cursors in one small attribute. Cursors of a device are alike, but base64 hides that from compression: so
 * they are stored as what they encode, where that gives back the very same cursor.
 */
export function packSince(entries: Remembered['entries']): Packed {
  return pack(
    entries.map(({ ts, cursor }): Entry => {
      const text = Buffer.from(cursor, 'base64url').toString();
      return encoded(text) === cursor ? [ts, text, 1] : [ts, cursor];
    }),
    '',
  );
}

export function sinceEntries(packed: unknown): Remembered['entries'] {
  return (unpack(packed, '') as Entry[]).map(([ts, text, decoded]) => ({ ts, cursor: decoded ? encoded(text) : text }));
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}
