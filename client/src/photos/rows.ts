import { keys, PREFIX } from '../keys.ts';
import type { StoreTx } from '../store.ts';
import type { Json } from '../wire.ts';

/**
 * A photo on its way. `new`: its bytes are being written; `waiting`: not sent yet; `sent`: with the server, which has not
 * said yet what it is; `refused`: never will be shown, kept until the app dismisses it. One that is ready has no row.
 */
export type PhotoRow = {
  /** Idempotency key of the announcement; also the name of its bytes. */
  id: string;
  type: string;
  entityId: string;
  field: string;
  contentType: string;
  size: number;
  sha256: string;
  at: number;
  state: 'new' | 'waiting' | 'sent' | 'refused';
  /** As the server named it. */
  attachmentId?: string;
  /** The action that adds it to the record is in the outbox, or was. */
  named?: true;
  /** Of `refused`: a code of the server's, `bytes_changed`, `bytes_gone`, or the code of the action that named it. */
  reason?: string;
};

/** In the user's order. */
export async function photoRows(tx: StoreTx): Promise<PhotoRow[]> {
  const rows = (await tx.scan(PREFIX.photos)).map(([, value]) => value as PhotoRow);
  return rows.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

export async function photoRow(tx: StoreTx, id: string): Promise<PhotoRow | undefined> {
  return (await tx.get(keys.photo(id))) as PhotoRow | undefined;
}

export async function putPhoto(tx: StoreTx, row: PhotoRow): Promise<void> {
  await tx.put(keys.photo(row.id), row as Json);
}
