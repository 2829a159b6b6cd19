import { describe, expect, it } from 'vitest';
import { batchToItems, headerOf, headerToItem, noteOf, noteToItem, payloadOf, payloadToItem } from '../../../src/adapters/dynamodb/batch-codec.ts';
import { commitsOf, commitToItem } from '../../../src/adapters/dynamodb/commit-codec.ts';
import { conflictOf, conflictToItem } from '../../../src/adapters/dynamodb/conflict-codec.ts';
import { rowOf, rowToItem } from '../../../src/adapters/dynamodb/entity-codec.ts';
import type { Item } from '../../../src/adapters/dynamodb/table.ts';
import type { AcceptedAction, Commit, ConflictRow, EntityRow, Outcome } from '../../../src/engine/model.ts';
import type { BatchHeader, ParkedNote } from '../../../src/service/ports/inbox.ts';
import { STORED } from './stored-items.ts';

const AT = 1_800_000_000_000;
const stamp = { n: 3, at: AT, sub: 'alice', device: 'phone', order: 5000, time: AT - 7 };
const row: EntityRow = {
  scope: 'user:alice', home: 'user:alice', type: 'note', entityId: 'n-1', serverId: 7, version: 3, n: 3, state: 'deleted', fields: { title: 'Löwe', tags: [] },
  createdAt: AT, createdBy: 'alice', updatedAt: AT, updatedBy: 'alice', audience: ['department:roads'], created: stamp,
  stamps: { title: { last: stamp, other: { ...stamp, sub: 'bob' } } }, gone: stamp,
};
const outcome: Outcome = {
  user: 'alice', device: 'phone', clientId: 'a-1', hash: 'h', order: 5000, actionType: 'delete_note', entityType: 'note', acceptedAt: AT, time: AT, retries: 0, status: 'success',
};
const conflict: ConflictRow = {
  id: 'c-1', user: 'alice', device: 'phone', kind: 'update_update', type: 'note', entityId: 'n-1', serverId: 7, home: 'user:alice', clientId: 'a-1', clientIds: ['a-1'],
  baseVersion: null, serverVersion: 3, fields: ['title'], held: [], base: null, client: { title: null }, server: { title: 'Löwe' }, serverDeleted: false,
  status: 'unresolved', strategy: null, resolvedData: null, resolvedBy: null, resolvedAt: null, detectedAt: AT, revision: 1, time: AT, n: 3,
};
const commit: Commit = {
  scope: 'user:alice', n: 3, at: AT, prevAt: AT - 1, changes: [{ row, to: ['department:roads'], alias: 'expire' }], outcomes: [outcome], conflicts: [conflict],
};
const payload: AcceptedAction[] = [
  { clientId: 'a-1', actionType: 'update_note', entityType: 'note', entityId: 'n-1', hash: 'h', order: 5000, time: AT, data: { title: 'Löwe' }, baseVersion: 2 },
];
const header: BatchHeader = {
  owner: { user: 'Zoë', device: 'phone' }, batchId: '000000000000005-000', scope: 'user:Zoë', claims: { sub: 'Zoë', role: 'citizen', departments: [] }, acceptedAt: AT,
  actions: [{ clientId: 'a-1', hash: 'h', actionType: 'update_note', entityType: 'note', record: 'note#n-1#user:Zoë', order: 5000 }],
  state: 'dead', attempts: 5, trying: 0, lastError: 'TypeError', changedAt: AT, sends: 2, dueAt: AT,
};
const note: ParkedNote = { id: 'x', note: { scope: 'department:roads', home: 'user:alice', n: 3, records: [{ type: 'note', entityId: 'n-1' }] }, sends: 1, dueAt: AT };

/** An item as it is kept in this repository: bytes as base64. */
function frozen(item: Item): Item {
  const entries = Object.entries(item).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value]));
}

function thawed(item: Item): Item {
  const bytes = (value: unknown) => (typeof value === 'object' && value !== null && 'base64' in value ? Buffer.from(String(value.base64), 'base64') : value);
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, bytes(value)]));
}

/**
 * Commits and tombstones live for 90 days, dead batches for ever. What is in `stored-items.ts` was written by an older
 * version of this code: it must stay readable. A new layout gets items of its own there, beside these.
 */
describe('stored items of older versions', () => {
  it('stay readable', () => {
    expect(commitsOf([thawed(STORED.commit)], 1e6)).toStrictEqual([commit]);
    expect(rowOf(thawed(STORED.row))).toStrictEqual(row);
    expect(conflictOf(thawed(STORED.conflict))).toStrictEqual(conflict);
    expect(headerOf(thawed(STORED.header))).toStrictEqual(header);
    expect(payloadOf(thawed(STORED.payload), header)).toStrictEqual(payload);
    expect(headerOf(thawed(STORED.batch))).toStrictEqual(header);
    expect(payloadOf(thawed(STORED.batch), header)).toStrictEqual(payload);
    expect(noteOf(thawed(STORED.note))).toStrictEqual(note);
  });

  it('are what is written today: else a new layout has come, and older functions would read it during a deployment', () => {
    const today = {
      commit: commitToItem(commit), row: rowToItem(row), conflict: conflictToItem(conflict), header: headerToItem(header), payload: payloadToItem(header, payload), batch: batchToItems(header, payload)[0] ?? {}, note: noteToItem(note),
    };
    const attributes = (items: Record<string, Item>) => Object.fromEntries(Object.entries(items).map(([name, item]) => [name, Object.keys(item).sort()]));
    const written = Object.fromEntries(Object.entries(today).map(([name, item]) => [name, frozen(item)]));
    expect(attributes(written)).toEqual(attributes(STORED));
  });
});
