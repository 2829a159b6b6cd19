import type { Commit } from '../../engine/model.ts';
import { expiresAt } from '../../engine/views.ts';
import { pack, unpack } from './pack.ts';
import type { Item } from './table.ts';

/** `expires_at` of a table with TTL: whole seconds. */
export function ttlSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** A commit as one item: what readers select by in plain attributes, the rest packed. */
export function commitToItem(commit: Commit): Item {
  const { scope, n, at, prevAt, ...body } = commit;
  return {
    scope,
    n,
    at,
    prev_at: prevAt,
    expires_at: ttlSeconds(expiresAt(at)),
    body: pack(body, contextOf(scope, n, at)),
  };
}

export function commitOf(item: Item): Commit {
  const { scope, n, at, prev_at: prevAt } = item as { scope: string; n: number; at: number; prev_at: number };
  const body = unpack(item['body'], contextOf(scope, n, at)) as Omit<Commit, 'scope' | 'n' | 'at' | 'prevAt'>;
  return { scope, n, at, prevAt, ...body };
}

function contextOf(scope: string, n: number, at: number): string {
  return `"home":"${scope}","version":${n},"n":${n},"at":${at}`;
}
