import type { Attachment, AttachmentState, EntityRow } from '../../engine/model.ts';
import type { LinkRow } from '../../engine/views.ts';

/** The record that an attachment belongs to. */
export type Holder = Pick<EntityRow, 'home' | 'type' | 'entityId'>;

/** What is announced, and what becomes of it (design 3, `attachments`). Times in ms. */
export type AttachmentRow = Attachment & {
  clientId: string;
  contentType: string;
  /** Bytes. */
  size: number;
  /** SHA-256 in base64. */
  sha256: string;
  /** When it is given up unless a record names it by then. Missing from then on. */
  expiresAt?: number;
  /** The record behind `attachedTo`. */
  holder?: Holder;
  /** Number of the commit that last spoke of it, and how the record then showed it. */
  n?: number;
  told?: AttachmentState;
  /** The record does not name it any more, since then. */
  releasedAt?: number;
  /** Its object lies where nothing expires. */
  kept?: true;
  /** When it is looked at next, and how often it was looked for in vain. Missing: nothing to do. */
  dueAt?: number;
  looks: number;
};

/** Attachments, and who announced how much today (design 3, `attachments`). */
export type AttachmentStore = {
  /** Strong. Rows that exist, by id; what has expired may be among them. */
  get(ids: readonly string[]): Promise<Map<string, AttachmentRow>>;
  /** Counts one of that size for a user's day unless it goes beyond the limits. False: it would; nothing counted. */
  count(user: string, day: string, size: number): Promise<boolean>;
  /** Puts a new row if there is none, or one that had expired by `now`. False: there is one. */
  announce(row: AttachmentRow, now: number): Promise<boolean>;
  /**
   * It may be sent until `dueAt`: looked for then. Only while `awaited` and not released, for then it is due to be
   * removed; an expiry that it has moves to `expiresAt`.
   */
  expect(id: string, until: { expiresAt: number; dueAt: number }): Promise<void>;
  /** The word of the check, if there was none yet. Gives the row as it then is, also if there was one. */
  settle(id: string, word: { state: AttachmentState; expiresAt: number; dueAt: number }): Promise<AttachmentRow | undefined>;
  /**
   * What a commit says of it (see `LinkRow`), unless a later one did, it belongs to another record, or it had expired
   * when that commit was made: its object may be gone. One that is named never expires and is due at once; one that no
   * longer is waits until `dueAt`. Gives the row as it then is.
   */
  link(link: Pick<LinkRow, 'id' | 'key' | 'n' | 'at' | 'live' | 'state'> & { row: Holder }, dueAt: number): Promise<AttachmentRow | undefined>;
  /** Its object was copied. */
  keep(id: string): Promise<void>;
  /** Refuses for good what was released, if no later commit names it. False: one does. */
  giveUp(read: AttachmentRow): Promise<boolean>;
  /** Looked at again then, or no more; if `dueAt` and `looks` are as read. */
  postpone(read: AttachmentRow, dueAt: number | undefined, looks: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Ids whose `dueAt` ≤ `until`, at most `limit`, oldest first. The index lags. */
  due(until: number, limit: number): Promise<string[]>;
};
