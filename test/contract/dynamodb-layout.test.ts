import { beforeAll, describe, expect, it } from 'vitest';
import { createDynamo } from '../../src/adapters/dynamodb/stores.ts';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import { TestClock } from '../../src/adapters/memory/test-clock.ts';
import type { TableName } from '../../src/runtime/env.ts';
import { action, claims, outcome, row, T0 } from '../support/builders.ts';
import { useDynamo } from '../support/dynamodb-local.ts';
import { meter } from '../support/units.ts';

/** Reads must not pay for rows that they do not give: keys keep them apart, filters would not (design 8). */
describe('key layout on DynamoDB', () => {
  const dynamo = useDynamo();
  let counter: ReturnType<typeof meter>;
  beforeAll(() => {
    counter = meter(dynamo.client);
  });
  const stores = async (table: TableName) =>
    createDynamo({ client: dynamo.client, tables: await dynamo.fresh(table), clock: new TestClock(), ids: createMemoryIds() });
  const readUnits = async (read: () => Promise<unknown>): Promise<number> => {
    counter.take();
    await read();
    return counter.take().read;
  };
  const large = 'x'.repeat(3000);

  it('finding a short id reads no longer ids that begin like it', async () => {
    const { entities } = await stores('entities');
    for (let i = 0; i < 30; i++) await entities.put(row({ entityId: `a${i}`, fields: { body: large } }));
    await entities.put(row({ entityId: 'a' }));
    expect(await readUnits(() => entities.find('user:alice', 'note', 'a'))).toBe(1);
  });

  it('a snapshot of a type reads no aliases and no other type', async () => {
    const { entities } = await stores('entities');
    await entities.put(row({}));
    for (let i = 0; i < 30; i++) {
      await entities.put(row({ type: 'card', entityId: `a${i}`, fields: { body: large } }));
      await entities.putAlias({ scope: 'user:alice', serverId: i, key: large.slice(0, 900), n: 1, live: true });
    }
    expect(await readUnits(() => entities.page('user:alice', 'note', '', 1000))).toBe(1);
  });

  it('an outcome that a weak read misses is read again, strongly (P12)', async () => {
    const { actions } = await stores('offlineActionsLog');
    const rows = Array.from({ length: 5 }, (_, i) => ({ ...outcome({ clientId: `a-${i}` }), scope: 'user:alice', n: 1, at: T0 }));
    for (const one of rows) await actions.put(one);
    expect(await readUnits(() => actions.get(rows, { likely: true }))).toBe(2.5);

    const blind = 'weak reads see nothing yet';
    const { client } = dynamo;
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const weak = JSON.stringify(args.input).includes('"ConsistentRead":false');
        if (weak) Object.assign(result.output, { Responses: {}, Item: undefined });
        return result;
      },
      { step: 'initialize', name: blind },
    );
    const found = await Promise.all([rows, rows.slice(0, 1)].map((some) => actions.get(some, { likely: true })));
    client.middlewareStack.remove(blind);
    expect(found.map(({ size }) => size)).toEqual([5, 1]);
  });

  it('a small batch is one item, and a large one is read without its payload', async () => {
    const { inbox } = await stores('uploadInbox');
    const one = [action()];
    const header = {
      owner: { user: 'alice', device: 'phone' }, batchId: '1', scope: 'user:alice', claims: claims(), acceptedAt: T0,
      actions: [], state: 'pending' as const, attempts: 0, trying: 0, changedAt: T0, sends: 1, dueAt: T0,
    };
    counter.take();
    await inbox.put(header, one);
    // The item, and its place in the index.
    expect(counter.take()).toMatchObject({ write: 2 });
    const headers = await inbox.headers(header.owner);
    counter.take();
    expect(await readUnits(() => inbox.payloads(headers))).toBe(0);
    await inbox.remove(headers[0] ?? header);
    expect(counter.take()).toMatchObject({ write: 2 });
  });

  it('reading headers reads no large payloads', async () => {
    const { inbox } = await stores('uploadInbox');
    const owner = { user: 'alice', device: 'phone' };
    for (let i = 0; i < 10; i++) {
      const noise = Array.from({ length: 3000 }, (_, k) => ((k * 7919 + i) ** 2).toString(36)).join('');
      const header = {
        owner, batchId: `${i}`, scope: 'user:alice', claims: claims(), acceptedAt: T0, actions: [], state: 'pending' as const,
        attempts: 0, trying: 0, changedAt: T0, sends: 1, dueAt: T0,
      };
      await inbox.put(header, [action({ data: { body: noise } })]);
    }
    expect(await readUnits(() => inbox.headers(owner))).toBe(1);
  });

  it('listing devices reads no remembered cursors', async () => {
    const { devices } = await stores('clientSyncState');
    for (let i = 0; i < 10; i++) {
      const cursor = Array.from({ length: 1000 }, (_, k) => ((k * 7919 + i) ** 2).toString(36)).join('');
      await devices.countUpload('alice', `d${i}`, { at: T0, info: {}, presented: 0 });
      await devices.remember('alice', `d${i}`, { entries: [], revision: 0 }, [{ ts: 1, cursor }]);
    }
    expect(await readUnits(() => devices.list('alice', '', 100))).toBe(1);
  });

  it('listing conflicts reads no pointers', async () => {
    const { conflicts } = await stores('syncConflicts');
    for (let i = 0; i < 60; i++) {
      await conflicts.putPointer({ user: 'alice', key: `phone#note#${large.slice(0, 500)}${i}`, conflictId: 'c', n: 1, open: false });
    }
    expect(await readUnits(() => conflicts.list('alice', '', 100))).toBeLessThanOrEqual(1);
  });
});
