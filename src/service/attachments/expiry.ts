import type { AttachmentRow } from '../ports/attachment-store.ts';

/** Has nobody named it in time? The row may still be there: what time drops, it drops late. */
export function isExpired(row: Pick<AttachmentRow, 'expiresAt'>, now: number): boolean {
  return row.expiresAt !== undefined && row.expiresAt <= now;
}
