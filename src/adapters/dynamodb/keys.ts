import type { Scope } from '../../engine/model.ts';
import type { Owner } from '../../service/ports/inbox.ts';

/*
 * The key layout (design 3). Sort keys that begin with `~` stand behind all ids, which have none of it: a list of ids
 * ends before them by its key condition, without reading them.
 */

/** Before everything that begins with `~`, behind every id. */
export const LAST_ID = '}';

/** Longest sort key, bytes. */
const KEY_BYTES = 1024;

/**
 * The smallest key behind `after`: where a list goes on. Clients can write anything into a cursor: what can't be a key
 * of ours begins earlier, at one that can, and skips nothing.
 */
export function justAfter(after: string): string {
  const key = after.toWellFormed();
  return Buffer.byteLength(key) < KEY_BYTES ? `${key}\u0000` : key.slice(0, Math.floor(KEY_BYTES / 4)).toWellFormed();
}

/** `upload_inbox.owner`. A user's name is encoded: it can't end early, nor look like another's. */
export function ownerKey(owner: Owner): string {
  return `${encodeURIComponent(owner.user)}#${owner.device}`;
}

export function ownerOf(key: string): Owner {
  const end = key.indexOf('#');
  return { user: decodeURIComponent(key.slice(0, end)), device: key.slice(end + 1) };
}

/** `attachments.attachment_id` of what a user announced on a day: no id of an attachment has a `~`. */
export function announcedOn(user: string, day: string): string {
  return `~day#${day}#${encodeURIComponent(user)}`;
}

/** Owner of an audience's parked notes. A scope has a colon, a device id has none. */
export function notesOf(scope: Scope): string {
  return `~audience#${scope}`;
}

/** `upload_inbox.batch_id`: headers, payloads and notes apart, so that reading headers reads nothing else. */
export const INBOX = { header: 'h#', payload: 'p#', note: 'n#' } as const;

/** `entities.scope` of a scope's aliases: a snapshot of the scope never meets them. */
export function aliasesOf(scope: Scope): string {
  return `${scope}#alias`;
}

/** `entities` key of the counter of server ids. */
export const SERVER_IDS = { scope: '~counter', key: 'server_id' } as const;

/** `client_sync_state.device_id` of the set of all devices of a user. */
export const PLACES = '~devices';

/** `client_sync_state.device_id` of the remembered cursors of a device. */
export function sinceOf(device: string): string {
  return `~since#${device}`;
}

/** `sync_conflicts.conflict_id` of a pointer; the key begins with the device. */
export function pointerSort(key: string): string {
  return `~open#${key}`;
}

/** `sync_conflicts` item that says whose a conflict is, for admins, who know only its id. */
export function ownerPlace(id: string): { user: string; conflict_id: string } {
  return { user: `~conflict#${id}`, conflict_id: '~owner' };
}

/** `entities.key` from the first to the last row of a type: keys are `type#…`, and `$` follows `#`. */
export function rangeOfType(type: string): [first: string, last: string] {
  return [`${type}#`, `${type}$`];
}

/** The same of one id: its own row, and copies `type#id#home`. */
export function rangeOfId(own: string): [first: string, last: string] {
  return [own, `${own}$`];
}
