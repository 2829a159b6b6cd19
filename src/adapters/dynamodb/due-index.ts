import type { DynamoTable, Item } from './table.ts';

const INDEX = 'by_due';

/**
 * Partitions of the index per state. Every batch of the system passes through it twice, and one partition takes about
 * a thousand writes a second: a full index would hold up the table itself.
 */
const SHARDS = 8;

/** `upload_inbox.due`: the state, and which part of the index. */
export function dueKey(state: 'pending' | 'dead', owner: string, id: string): string {
  return `${state}#${hash(`${owner}|${id}`) % SHARDS}`;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text)) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  return h;
}

/** An entry of the index: where its row is, and its place. */
export type Due = { owner: string; batch_id: string; due_at: number };

/** Entries are in one order over all parts. */
export function compareDue(a: Due, b: Due): number {
  return a.due_at - b.due_at || compareText(a.owner, b.owner) || compareText(a.batch_id, b.batch_id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Entries of one state behind a place and due by `until`, in order, at most `limit`. `more`: something may be left.
 * The index lags.
 */
export async function readDue(
  table: DynamoTable,
  state: 'pending' | 'dead',
  after: Due | undefined,
  until: number,
  limit: number,
): Promise<{ entries: Due[]; more: boolean }> {
  const first = after?.due_at ?? 0;
  if (first > until) return { entries: [], more: false };
  const shards = Array.from({ length: SHARDS }, (_, shard) => `${state}#${shard}`);
  const parts = await Promise.all(shards.map((shard) => readShard(table, shard, after, first, until, limit)));
  const all = parts.flat().sort(compareDue);
  return { entries: all.slice(0, limit), more: all.length > limit };
}

/** More than `limit` entries if there are as many, and all those that share the last one's time. */
async function readShard(
  table: DynamoTable,
  shard: string,
  after: Due | undefined,
  first: number,
  until: number,
  limit: number,
): Promise<Due[]> {
  const where = {
    text: '#due = :due AND #at BETWEEN :first AND :until',
    names: { '#due': 'due', '#at': 'due_at' },
    values: { ':due': shard, ':first': first, ':until': until },
  };
  const found: Due[] = [];
  for (let from: Item | undefined; ; ) {
    const page = await table.query({ index: INDEX, where, limit: limit + 1, ...(from ? { from } : {}) });
    const entries = page.items as Due[];
    found.push(...entries.filter((entry) => !after || compareDue(entry, after) > 0));
    // Entries of one time come in no order: all of them are needed to tell which is first.
    const enough = found.length > limit && (found.at(-1)?.due_at ?? 0) > (found[limit]?.due_at ?? 0);
    if (!page.next || enough) return found;
    from = page.next;
  }
}
