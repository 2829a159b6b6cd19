import { Interrupted } from './http.ts';
import { META } from './keys.ts';
import type { Store } from './store.ts';

/**
 * The data on a device belong to the user who downloaded them: what waits in the outbox must never go out under the name
 * of whoever signs in next (P10). Only the `sub` of the token is looked at; whether it is genuine is the server's to say.
 */
export async function admitUser(store: Store, token: string): Promise<void> {
  const sub = subjectOf(token);
  if (sub === undefined) return;
  const owner = await store.transact(async (tx) => {
    const known = (await tx.get(META.user)) as string | undefined;
    if (known === undefined) await tx.put(META.user, sub);
    return known ?? sub;
  });
  if (owner !== sub) throw new Interrupted('other_user', 'The data on this device belong to another user. Open another store, or wipe this one.');
}

/** The subject of a JWT; nothing for tokens of another form. */
function subjectOf(token: string): string | undefined {
  try {
    const bytes = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    // Not TextDecoder: not every React Native has it.
    const text = decodeURIComponent([...bytes].map((byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''));
    const claims = JSON.parse(text) as { sub?: unknown };
    return typeof claims.sub === 'string' ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}
