import { typeOfCollection, type PhoneDomain } from './domain.ts';
import type { SyncEvent } from './events.ts';
import { asJson, keys, META } from './keys.ts';
import { heldRow, heldRows } from './rows.ts';
import { dropArrived } from './settle.ts';
import type { StoreTx } from './store.ts';
import type { DownloadPage, WireRecord } from './wire.ts';

/**
 * Applies a page with its cursor in one transaction, if it answers the cursor that the store still has: an answer that was
 * overtaken changes nothing, and `undefined` says so (P5, P8).
 */
export async function applyPage(
  tx: StoreTx,
  domain: PhoneDomain,
  page: DownloadPage,
  asked: string | undefined,
): Promise<SyncEvent[] | undefined> {
  if ((await tx.get(META.cursor)) !== asked) return undefined;
  for (const { scope, reason } of page.reset) await reset(tx, scope, reason === 'revoked');
  if (page.reset.some(({ reason }) => reason === 'unknown')) await dropOthers(tx, page.reset.map(({ scope }) => scope));
  for (const record of Object.values(page.data).flat()) await take(tx, record);
  for (const [collection, gone] of Object.entries(page.deleted)) {
    const type = typeOfCollection(domain, collection);
    if (type === undefined) continue;
    for (const { entity_id, scope, home, version } of gone) {
      const key = keys.record({ type, entity_id, scope, home });
      const held = await heldRow(tx, key);
      if (held && (held.stale || held.record.version <= version)) await tx.delete(key);
    }
  }
  await followed(tx, page);
  await dropArrived(tx, !page.has_more);
  await tx.put(META.cursor, page.cursor);
  if (!page.has_more) await tx.put(META.complete, true);
  return page.reset.map(({ scope, reason }) => ({ type: 'reset', scope, reason }));
}

/** Is there anything in it but a new cursor? */
export function hasNews(page: DownloadPage): boolean {
  return page.reset.length > 0 || [...Object.values(page.data), ...Object.values(page.deleted)].some((items) => items.length > 0);
}

async function take(tx: StoreTx, record: WireRecord): Promise<void> {
  const key = keys.record(record);
  const held = await heldRow(tx, key);
  if (held && !held.stale && held.record.version > record.version) return;
  await tx.put(key, asJson({ record }));
}

/**
 * A scope starts afresh. What may no longer be seen goes at once (P10); else the old records stay on the screen until the
 * new snapshot is whole, so that a phone which loses the network half way still has something to show.
 */
async function reset(tx: StoreTx, scope: string, revoked: boolean): Promise<void> {
  for (const { record } of await heldRows(tx)) {
    if (record.scope !== scope) continue;
    if (revoked) await tx.delete(keys.record(record));
    else await tx.put(keys.record(record), asJson({ record, stale: true }));
  }
}

/**
 * The server no longer knows what this phone holds, and names every scope that it may see: what lies in others goes at once
 * (P5, P10).
 */
async function dropOthers(tx: StoreTx, named: readonly string[]): Promise<void> {
  for (const { record } of await heldRows(tx)) if (!named.includes(record.scope)) await tx.delete(keys.record(record));
}

/** Notes how far each scope is downloaded. A scope that is named again is whole: what it did not bring again is gone. */
async function followed(tx: StoreTx, page: DownloadPage): Promise<void> {
  const before = ((await tx.get(META.scopes)) as Record<string, number> | undefined) ?? {};
  await tx.put(META.scopes, page.scopes);
  const whole = Object.keys(page.scopes).filter((scope) => !Object.hasOwn(before, scope));
  const resets = page.reset.map(({ scope }) => scope).filter((scope) => Object.hasOwn(page.scopes, scope));
  if (whole.length + resets.length === 0) return;
  for (const { record, stale } of await heldRows(tx)) {
    if (stale && Object.hasOwn(page.scopes, record.scope)) await tx.delete(keys.record(record));
  }
}
