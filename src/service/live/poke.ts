import type { Scope } from '../../engine/model.ts';
import { EVERY_SCOPE, type LiveMessage } from '../../protocol/live.ts';
import { nameOf } from '../redo.ts';
import { fewAtOnce } from '../few-at-once.ts';
import { disconnected, end } from './connect.ts';
import type { LiveDeps } from './deps.ts';

const SCOPES_AT_ONCE = 16;
const SENDS_AT_ONCE = 64;
/** What a send may still take when time runs out: two tries of a second each. */
const LAST_SEND_MS = 3000;

type Listener = { endsAt: number; scopes: Scope[] };

/** How a run of pokes ended. `failed`: scopes whose listeners could not be read. */
export type Poked = { sent: number; failed: Scope[] };

/**
 * Tells all who listen that these scopes changed: one message per connection, whatever it listens to. A poke holds
 * nothing but names of scopes that the connection's own token granted (P10), and need not arrive: phones poll too.
 *
 * Nobody waits for a connection that does not take its own for longer than a send may last; what there is no time for is
 * dropped and counted.
 */
export async function poke(deps: LiveDeps, changed: readonly Scope[], remainingMs: () => number): Promise<Poked> {
  const { listeners, failed } = await listenersOf(deps, [...new Set(changed)]);
  const counts = { sent: 0, gone: 0, ended: 0, failed: 0, late: 0 };
  await fewAtOnce(SENDS_AT_ONCE, [...listeners].map(([id, listener]) => async () => {
    counts[remainingMs() < LAST_SEND_MS ? 'late' : await tell(deps, id, listener)] += 1;
  }));
  for (const [what, count] of Object.entries(counts)) if (count > 0) deps.report.count(`pokes_${what}`, count);
  return { sent: counts.sent, failed };
}

async function listenersOf(deps: LiveDeps, changed: readonly Scope[]): Promise<{ listeners: Map<string, Listener>; failed: Scope[] }> {
  const listeners = new Map<string, Listener>();
  const failed: Scope[] = [];
  const read = async (scope: Scope) => {
    for (const { id, endsAt } of await deps.connections.listeners(scope)) {
      const known = listeners.get(id) ?? { endsAt, scopes: [] };
      known.scopes.push(scope);
      listeners.set(id, known);
    }
  };
  await fewAtOnce(SCOPES_AT_ONCE, [...changed, ...(changed.length > 0 ? [EVERY_SCOPE] : [])].map((scope) => async () => {
    try {
      await read(scope);
    } catch (error) {
      // The others' listeners are told now; these when the batch comes again.
      failed.push(scope);
      deps.report.warn('listeners_unread', { scope: deps.ids.hash(scope), error: nameOf(error) });
    }
  }));
  return { listeners, failed };
}

async function tell(deps: LiveDeps, id: string, { endsAt, scopes }: Listener): Promise<'sent' | 'gone' | 'ended' | 'failed'> {
  try {
    if (endsAt <= deps.clock.now()) {
      await end(deps, id, await deps.connections.get(id));
      return 'ended';
    }
    const message: LiveMessage = { type: 'changed', scopes };
    if ((await deps.sockets.send(id, JSON.stringify(message))) === 'sent') return 'sent';
    await disconnected(deps, id);
    return 'gone';
  } catch (error) {
    deps.report.warn('poke_failed', { error: nameOf(error) });
    return 'failed';
  }
}
