import { actorOf } from '../../engine/domain.ts';
import type { Claims } from '../../engine/model.ts';
import { LIMITS, TIMES } from '../../protocol/limits.ts';
import { EVERY_SCOPE } from '../../protocol/live.ts';
import { nameOf } from '../redo.ts';
import { SyncError } from '../errors.ts';
import type { Connection } from '../ports/connections.ts';
import type { LiveDeps } from './deps.ts';

/**
 * Lets someone listen to what their token grants, until it expires. From then on every change of these scopes is poked
 * for, so what is downloaded after this is all that went before (protocol.md, Live).
 *
 * @throws SyncError `token_expired`: at its `exp`, without the tolerance that a request has, for the connection would be
 * closed at once.
 */
export async function connect(deps: LiveDeps, id: string, { claims, expiresAt }: { claims: Claims; expiresAt: number }): Promise<void> {
  const now = deps.clock.now();
  if (expiresAt <= now) throw new SyncError('token_expired', 'The token has expired: get a new one.');
  const { scopes } = actorOf(deps.domain, claims);
  await makeRoom(deps, claims.sub);
  await deps.connections.add({
    id,
    user: claims.sub,
    // Records reach admins by query only; that some changed is what their page wants to hear.
    scopes: [...new Set(claims.role === 'admin' ? [...scopes, EVERY_SCOPE] : scopes)],
    connectedAt: now,
    endsAt: Math.floor(Math.min(expiresAt, now + TIMES.liveConnectionMs) / 1000) * 1000,
  });
}

/** Is it still one? One whose time is over, or that nobody knows, is closed. */
export async function stillOpen(deps: LiveDeps, id: string): Promise<boolean> {
  const connection = await deps.connections.get(id);
  if (connection && connection.endsAt > deps.clock.now()) return true;
  await end(deps, id, connection);
  return false;
}

/** Somebody hung up. */
export async function disconnected(deps: LiveDeps, id: string): Promise<void> {
  const connection = await deps.connections.get(id);
  if (connection) await deps.connections.remove(connection);
}

/** Closes it, and only then forgets it: what could not be closed is tried again. */
export async function end(deps: LiveDeps, id: string, connection: Connection | undefined): Promise<void> {
  await deps.sockets.close(id);
  if (connection) await deps.connections.remove(connection);
}

/**
 * The oldest give way, instead of the newest being refused: a phone that lost its network many times has left many behind
 * that nobody has noticed yet.
 */
async function makeRoom(deps: LiveDeps, user: string): Promise<void> {
  const open = await deps.connections.ofUser(user);
  for (const { id } of open.slice(0, Math.max(0, open.length - LIMITS.liveConnectionsPerUser + 1))) {
    try {
      await end(deps, id, await deps.connections.get(id));
      deps.report.count('connections_evicted');
    } catch (error) {
      // One more than there should be does less harm than one that can't connect.
      deps.report.warn('eviction_failed', { error: nameOf(error) });
    }
  }
}
