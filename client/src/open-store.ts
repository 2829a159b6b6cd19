import { META } from './keys.ts';
import type { Store, StoreTx } from './store.ts';

/** Rewrites the store from one layout to the next. Whatever it does, the outbox must come through whole. */
export type Migration = (tx: StoreTx) => Promise<void>;

/** Migration i leads from layout i + 1 to i + 2. The layout of this SDK is one more than their number. */
const MIGRATIONS: readonly Migration[] = [];

/** The store was written by a newer app than this one. Nothing was touched: the newer app will go on with it. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew';
}

/** Brings the store to this SDK's layout, in one transaction: an app that is killed meanwhile starts again. */
export async function openStore(store: Store, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const newest = migrations.length + 1;
  await store.transact(async (tx) => {
    const layout = ((await tx.get(META.layout)) as number | undefined) ?? newest;
    if (layout > newest) throw new StoreTooNew(`The store has layout ${layout}; this app knows up to ${newest}.`);
    for (const migrate of migrations.slice(layout - 1)) await migrate(tx);
    await tx.put(META.layout, newest);
  });
}
