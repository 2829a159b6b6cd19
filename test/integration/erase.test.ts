import { describe, expect, it } from 'vitest';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { createErasure } from '../../src/adapters/dynamodb/erasure.ts';
import { createDynamo, type TableNames } from '../../src/adapters/dynamodb/stores.ts';
import { SyncError } from '../../src/service/errors.ts';
import { erasePerson, type Erased } from '../../src/service/erase.ts';
import type { Erasure } from '../../src/service/ports/erasure.ts';
import { verifyAll } from '../../src/service/verify.ts';
import { useDynamo } from '../support/dynamodb-local.ts';
import { citizen, createWorld, officer, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const BOB = citizen('bob');
const OLGA = officer('olga', 'roads');
/** Alice wrote it, in one place or another. */
const SECRET = 'Zinnia';

// Alice asked to be forgotten (ADR 17): her words are gone from every log and view, and nobody else notices more
// than that her records were deleted.
describe('erasing a person', { timeout: 120_000 }, () => {
  const dynamo = useDynamo();

  /** Reports of alice and bob that olga works on, conflicts of all kinds, a task that alice edited, her profile. */
  async function town() {
    const tables = await dynamo.fresh();
    const w = createWorld({ wrap: ({ clock, ids }) => createDynamo({ client: dynamo.client, tables, clock, ids }) });
    const phones = {
      phone: w.phone(ALICE, { deviceId: 'phone' }), tablet: w.phone(ALICE, { deviceId: 'tablet' }),
      bob: w.phone(BOB, { deviceId: 'phone' }), desk: w.phone(OLGA, { deviceId: 'desk' }), slow: w.phone(OLGA, { deviceId: 'slow', limit: 1 }),
    };
    const { phone, tablet, bob, desk, slow } = phones;
    const all = async () => {
      for (const device of Object.values(phones)) if (device.outbox.length > 0) await device.push();
      await w.settle();
    };
    const [one, two] = ['a', 'b'].map((x) => phone.create('report', { title: `${SECRET} ${x}`, category: 'roads', description: SECRET }).client_id);
    const gone = phone.create('report', { title: `${SECRET} gone`, category: 'roads' }).client_id;
    bob.create('report', { title: 'Bob’s hole', category: 'roads' });
    const task = desk.create('task', { department: 'roads', title: 'Look', notes: '', assignee: 'alice' }).client_id;
    await all();
    // In the middle of the commit that made all of it.
    await slow.pullPage();
    await phone.pull();
    await tablet.pull();
    await desk.pull();
    phone.edit('report', one ?? '', { title: `${SECRET} deep` });
    tablet.edit('report', one ?? '', { title: `${SECRET} wide` });
    phone.edit('task', task, { notes: 'I was there' });
    desk.edit('report', two ?? '', { status: 'in_progress' });
    phone.delete('report', gone);
    await all();
    await w.server(ALICE).upload({ device_id: 'phone', actions: [{ client_id: 'p', action_type: 'update_profile', entity_type: 'profile', data: { name: SECRET } }] });
    // Olga worked on a report that alice deleted meanwhile: a conflict of hers, with alice's words in it.
    await w.server(OLGA).upload({
      device_id: 'desk',
      actions: [{ client_id: 'late', action_type: 'update_report', entity_type: 'report', entity_id: gone, home: 'user:alice', base_version: 1, data: { status: 'resolved', resolution_note: `Called ${SECRET}` } }],
    });
    await w.settle();
    await desk.pull();
    return { w, tables, phones, task };
  }

  function erase(w: World, tables: TableNames, options = { dry: false }, erasure = createErasure(dynamo.client, tables)): Promise<Erased> {
    // While it waits for audiences, workers work.
    const clock = { now: () => w.clock.now(), sleep: () => w.settle() };
    return erasePerson({ ...w.deps, clock }, erasure, 'alice', options);
  }

  /** Everything that is stored and readable, as text. */
  async function stored(w: World, tables: TableNames): Promise<string> {
    const parts: unknown[] = [];
    for await (const { scope } of w.deps.log.heads()) {
      let after = 0;
      for (let end = false; !end; ) {
        const read = await w.deps.log.read(scope, after, 1e9, { strong: true });
        parts.push(read.commits);
        after = read.commits.at(-1)?.n ?? after;
        end = read.end;
      }
      for (const type of ['report', 'task', 'profile']) parts.push((await w.deps.entities.page(scope, type, '', 1000)).rows);
    }
    for (const table of [tables.syncConflicts, tables.offlineActionsLog, tables.clientSyncState, tables.uploadInbox]) {
      parts.push((await dynamo.client.send(new ScanCommand({ TableName: table }))).Items);
    }
    return JSON.stringify(parts);
  }

  async function damaged(w: World): Promise<unknown[]> {
    const all = [];
    for await (const { scope, findings } of verifyAll(w.deps)) all.push(...findings.map((finding) => ({ scope, ...finding })));
    return all;
  }

  it('leaves none of their words, whole logs, and everybody else’s data as it was (P5, P9)', async () => {
    const { w, tables, phones, task } = await town();
    const before = await stored(w, tables);
    expect(before).toContain(SECRET);
    expect((await w.deps.conflicts.list('alice', '', 10)).rows.length).toBeGreaterThan(0);
    expect((await w.deps.conflicts.list('olga', '', 10)).rows.length).toBeGreaterThan(0);
    const othersBefore = phones.desk.holdings.all().filter(({ home }) => home !== 'user:alice');
    expect(othersBefore).toHaveLength(2);

    const erased = await erase(w, tables);
    expect(erased).toMatchObject({
      user: 'alice', records: 3, scopes: ['department:roads', 'user:alice'], devices: 2, conflicts: 2, waiting: 0,
      left: [{ home: 'department:roads', type: 'task', entityId: task }],
    });
    const after = await stored(w, tables);
    expect(after).not.toContain(SECRET);
    expect(after).toContain('Bob’s hole');
    expect(await damaged(w)).toEqual([]);

    // Whoever follows a cursor, however old, holds what a fresh snapshot holds (P5), and none of it is alice's.
    const fresh = w.phone(OLGA, { deviceId: 'new' });
    for (const device of [phones.desk, phones.slow, fresh]) {
      const pages = await device.pull();
      if (device !== fresh) expect(pages.flatMap(({ reset }) => reset)).toEqual([]);
      expect(device.holdings.all()).toEqual(fresh === device ? device.holdings.all() : phones.desk.holdings.all());
    }
    expect(fresh.holdings.all()).toEqual(othersBefore);
    expect((await w.deps.actions.list('alice', '', 10)).rows).toEqual([]);
    expect(await w.deps.devices.get('alice', 'phone')).toBeUndefined();

    // The log goes on: a record of others still changes, and nothing comes back from the dead (P9).
    phones.desk.edit('task', task, { title: 'Look again' });
    await phones.desk.push();
    await w.settle();
    await phones.slow.pull();
    expect(phones.slow.holdings.find('task', task)).toMatchObject({ title: 'Look again' });
    expect(await damaged(w)).toEqual([]);
  });

  it('says first what it would do, and writes nothing of it', async () => {
    const { w, tables } = await town();
    const before = await stored(w, tables);
    const told = await erase(w, tables, { dry: true });
    expect(told).toMatchObject({ records: 3, devices: 2, conflicts: 2 });
    expect(told.commits).toBeGreaterThan(3);
    expect(await stored(w, tables)).toBe(before);
  });

  it('refuses while something of the person waits or is dead', async () => {
    const { w, tables } = await town();
    await w.server(ALICE).upload({ device_id: 'phone', actions: [{ client_id: 'q', action_type: 'update_profile', entity_type: 'profile', data: { name: 'x' } }] });
    const refused = await erase(w, tables).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SyncError);
    expect(await stored(w, tables)).toContain(SECRET);
    await w.settle();
    expect((await erase(w, tables)).waiting).toBe(0);
  });

  it('may die anywhere and be run again: logs are whole at every step (P14), and in the end nothing is left', async () => {
    const { w, tables } = await town();
    const real = createErasure(dynamo.client, tables);
    for (let steps = 0; ; steps += 4) {
      let left = steps;
      const dying = new Proxy(real, {
        get(target, name: keyof Erasure) {
          if (name === 'conflictsAbout') return target.conflictsAbout.bind(target);
          return (...args: never[]) => (left-- > 0 ? (target[name] as (...given: never[]) => unknown)(...args) : Promise.reject(new Error('died')));
        },
      });
      const done = await erase(w, tables, { dry: false }, dying).then(() => true, (error: Error) => {
        expect(error.message).toBe('died');
        return false;
      });
      expect(await damaged(w)).toEqual([]);
      if (done) break;
    }
    expect(await stored(w, tables)).not.toContain(SECRET);
    expect(await erase(w, tables)).toMatchObject({ records: 0, commits: 0, outcomes: 0, conflicts: 0, devices: 0, waiting: 0 });
  });
});
