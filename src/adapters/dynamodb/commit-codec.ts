import type { Commit } from '../../engine/model.ts';
import { expiresAt } from '../../engine/views.ts';
import { pack, unpackText } from './pack.ts';
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

/**
 * The first commits of what was read, as many as together have at most so many characters, and at least one. Packed,
 * commits are small: what one read gives could fill the memory.
 */
export function commitsOf(items: readonly Item[], mostCharacters: number): Commit[] {
  const commits: Commit[] = [];
  let characters = 0;
  for (const item of items) {
    const { scope, n, at, prev_at: prevAt } = item as { scope: string; n: number; at: number; prev_at: number };
    const text = unpackText(item['body'], contextOf(scope, n, at));
    characters += text.length;
    if (commits.length > 0 && characters > mostCharacters) break;
    commits.push({ scope, n, at, prevAt, ...(JSON.parse(text) as Omit<Commit, 'scope' | 'n' | 'at' | 'prevAt'>) });
  }
  return commits;
}

function contextOf(scope: string, n: number, at: number): string {
  return `"home":"${scope}","version":${n},"n":${n},"at":${at}`;
}
