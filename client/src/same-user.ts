import { claimsIn } from './claims.ts';
import { Interrupted } from './http.ts';
import { META } from './keys.ts';
import type { Store } from './store.ts';

/**
 * The data on a device belong to the user who downloaded them: what waits in the outbox must never go out under the name
 * of whoever signs in next (P10). Only the `sub` of the token is looked at; whether it is genuine is the server's to say.
 */
export async function admitUser(store: Store, token: string): Promise<void> {
  const { sub } = claimsIn(token);
  if (typeof sub !== 'string') return;
  const owner = await store.transact(async (tx) => {
    const known = (await tx.get(META.user)) as string | undefined;
    if (known === undefined) await tx.put(META.user, sub);
    return known ?? sub;
  });
  if (owner !== sub) throw new Interrupted('other_user', 'The data on this device belong to another user. Open another store, or wipe this one.');
}
