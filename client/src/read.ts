import { typeNamed, type PhoneDomain } from './domain.ts';
import { findThing } from './enqueue.ts';
import { keys } from './keys.ts';
import { shown, thingsOf, type SyncRecord } from './overlay.ts';
import { select, type Query } from './query.ts';
import { heldRows, outboxRows } from './rows.ts';
import type { StoreTx } from './store.ts';

/** One record as the user sees it. Of several with that id: one's own, else the one with the lowest server id. */
export async function readOne(tx: StoreTx, domain: PhoneDomain, type: string, entityId: string | undefined, home?: string): Promise<SyncRecord | undefined> {
  const thing = await findThing(tx, domain, { type, entityId, options: home === undefined ? {} : { home } });
  return thing && shown(domain, thing);
}

/** The records of a type as the user sees them. */
export async function readList(tx: StoreTx, domain: PhoneDomain, type: string, query: Query): Promise<SyncRecord[]> {
  typeNamed(domain, type);
  const rows = (await outboxRows(tx)).filter(({ action }) => action.entity_type === type);
  const things = thingsOf(domain, await heldRows(tx, keys.typeRecords(type)), rows);
  const records = things.map((thing) => shown(domain, thing)).filter((record) => record !== undefined);
  return select(records, query);
}
