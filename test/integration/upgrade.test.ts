import { readFileSync } from 'node:fs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamo } from '../../src/adapters/dynamodb/stores.ts';
import type { TableName } from '../../src/runtime/env.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { adminQuery } from '../../src/service/admin-query.ts';
import { redrive, sendBatches } from '../../src/service/redrive.ts';
import { resolveConflict } from '../../src/service/resolve.ts';
import { verifyAll } from '../../src/service/verify.ts';
import { useDynamo } from '../support/dynamodb-local.ts';
import { admin, citizen, createWorld, officer, type World } from '../support/world.ts';

type Stored = { now: number; cursor: string; since: string; conflict: string; items: Record<TableName, Record<string, unknown>[]> };

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');
const ROOT = admin('root');

// Tables as an older version left them in the middle of its work: logs, views, a batch that waits and one that is dead,
// a conflict, cursors that phones hold. Only ever add such files; this version must go on from each.
describe.each(['version-0.1.0-november.json'])('after an upgrade from %s', (file) => {
  const dynamo = useDynamo();
  const stored = JSON.parse(readFileSync(new URL(`stored/${file}`, import.meta.url), 'utf8')) as Stored;

  async function upgraded(): Promise<World> {
    const tables = await dynamo.fresh();
    for (const [name, items] of Object.entries(stored.items)) {
      for (const item of items) {
        const bytes = (value: unknown) => (typeof value === 'object' && value !== null && 'base64' in value ? Buffer.from(String(value.base64), 'base64') : value);
        const Item = Object.fromEntries(Object.entries(item).map(([key, value]) => [key, bytes(value)]));
        await dynamo.client.send(new PutCommand({ TableName: tables[name as TableName], Item }));
      }
    }
    const w = createWorld({ wrap: ({ clock, ids }) => createDynamo({ client: dynamo.client, tables, clock, ids }) });
    expect(w.clock.now()).toBe(stored.now);
    return w;
  }

  /** The sweeper, in time, sends what the old version had queued. */
  async function goOn(w: World): Promise<void> {
    await sendBatches(w.deps, (await w.deps.inbox.headers({ user: 'alice', device: 'phone' })).filter(({ state }) => state === 'pending'));
    await w.settle();
  }

  async function findings(w: World): Promise<unknown[]> {
    const all = [];
    for await (const { scope, findings: found } of verifyAll(w.deps)) all.push(...found.map((finding) => ({ scope, ...finding })));
    return all;
  }

  it('logs and views are whole, and what waited is applied', async () => {
    const w = await upgraded();
    expect(await findings(w)).toEqual([]);
    await goOn(w);
    expect((await w.results(ALICE, 'phone', ['queued-1', 'queued-2', 'hole'])).map(({ client_id, status }) => [client_id, status])).toEqual([
      ['queued-1', 'success'], ['queued-2', 'success'], ['hole', 'success'],
    ]);
    expect(await findings(w)).toEqual([]);
  });

  it('a phone goes on from its cursor, or its timestamp, and is told only what changed (P5)', async () => {
    const w = await upgraded();
    const desk = w.phone(OLGA, { deviceId: 'desk' });
    desk.cursor = stored.cursor;
    await goOn(w);
    const pages = await desk.pull();
    expect(pages.flatMap(({ reset }) => reset)).toEqual([]);
    expect(desk.holdings.find('report', 'hole')).toMatchObject({ title: 'Deep hole', description: 'Line one\nLine 2\nLine three', status: 'in_progress' });
    const since = await w.server(ALICE).download({ device_id: 'phone', since: stored.since });
    expect(since.reset).toEqual([]);
  });

  it('an action that it knows is a duplicate still (P2)', async () => {
    const w = await upgraded();
    const again = { client_id: 'hole', action_type: 'create_report', entity_type: 'report', data: { title: 'A hole', category: 'roads', description: 'Line one\nLine two\nLine three', tags: ['a'] } };
    const { results } = await w.server(ALICE).upload({ device_id: 'phone', actions: [again] });
    expect(results).toMatchObject([{ client_id: 'hole', status: 'success', duplicate: true }]);
  });

  it('a dead batch shows its payload and is redriven, a conflict is resolved, a device is known', async () => {
    const w = await upgraded();
    const { rows } = await adminQuery(w.deps, ROOT, { query: 'action', params: { user: 'alice', client_id: 'poison' } });
    expect(rows).toMatchObject([{ state: 'failed', last_error: 'TypeError', data: { tags: ['b'] } }]);
    expect(await redrive(w.deps, ROOT, { all: true })).toMatchObject({ redriven: 1 });
    await goOn(w);
    expect(await w.results(ALICE, 'tablet', ['poison'])).toMatchObject([{ status: 'success' }]);
    // While it waits for its outcome, workers work.
    const clock = { now: () => w.clock.now(), sleep: () => w.settle() };
    const resolved = await resolveConflict({ ...w.deps, clock }, actorOf(w.deps.engine.domain, ROOT), { conflict_id: stored.conflict, strategy: 'client_wins' }, 5000);
    expect(resolved).toMatchObject({ conflict: { status: 'resolved' }, record: { title: 'Wide hole' } });
    const devices = await adminQuery(w.deps, ROOT, { query: 'sync_activity', params: { user: 'alice' } });
    expect(devices.rows.map(({ device_id }) => device_id)).toEqual(['phone', 'tablet']);
    expect(await findings(w)).toEqual([]);
  });
});
