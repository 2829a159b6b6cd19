import type { Remembered } from '../../service/ports/device-store.ts';
import { pack, type Packed, unpack } from './pack.ts';

/** A time, a cursor, 1 where the cursor is stored as the text that it encodes, and 1 where its page was lost. */
type Entry = [ts: number, cursor: string, decoded?: 0 | 1, missed?: 1];

/**
 * Remembered cursors in one small attribute. Cursors of a device are alike, but base64 hides that from compression: so
 * they are stored as what they encode, where that gives back the very same cursor.
 */
export function packSince(entries: Remembered['entries']): Packed {
  return pack(
    entries.map(({ ts, cursor, missed }): Entry => {
      const text = Buffer.from(cursor, 'base64url').toString();
      const [stored, decoded] = encoded(text) === cursor ? [text, 1 as const] : [cursor, 0 as const];
      return missed ? [ts, stored, decoded, 1] : [ts, stored, decoded];
    }),
    '',
  );
}

export function sinceEntries(packed: unknown): Remembered['entries'] {
  return (unpack(packed, '') as Entry[]).map(([ts, text, decoded, missed]) => ({
    ts,
    cursor: decoded ? encoded(text) : text,
    ...(missed ? { missed: true as const } : {}),
  }));
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}
