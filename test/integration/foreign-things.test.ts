import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/engine/cursor.ts';
import type { Claims } from '../../src/engine/model.ts';
import type { DownloadResponse } from '../../src/protocol/download.ts';
import { batchRef } from '../../src/service/batch-ref.ts';
import { PEOPLE, Town, type Answered, type Name } from '../support/matrix/town.ts';

const NAMES = Object.keys(PEOPLE) as Name[];
const { alice, bob, olga, pia, root } = PEOPLE;

const edit = (id: string, data: object, more: object = {}) => ({ client_id: `edit-${Object.values(data).join('-')}`, action_type: 'update_report', entity_type: 'report', entity_id: id, data, ...more });

/** Bob's phone has an open conflict about his report. */
async function withConflict(): Promise<{ town: Town; conflictId: string }> {
  const town = await Town.build();
  await town.act(bob, edit('bob-report', { title: 'Phone' }, { base_version: 1 }), 'bob-phone');
  const { body } = await town.act(bob, edit('bob-report', { title: 'Tablet' }, { base_version: 1 }), 'bob-tablet');
  const [result] = body['results'] as { conflict_id: string }[];
  return { town, conflictId: result?.conflict_id ?? '' };
}

function said({ status, headers, body }: Answered): unknown {
  return { status, headers, body };
}

describe('a conflict of another (P10)', () => {
  const others = NAMES.filter((name) => name !== 'bob' && name !== 'root');

  it.each(others)('is to %s like one that never was: in the answer, in what is read, and in the list', async (name) => {
    const { town, conflictId } = await withConflict();
    for (const strategy of ['server_wins', 'client_wins', 'manual']) {
      const decision = { strategy, resolved_data: { title: 'Mine' } };
      const foreign = said(await town.ask(PEOPLE[name], 'POST', 'sync/resolve-conflict', { conflict_id: conflictId, ...decision }));
      const asked = town.asked;
      const unknown = said(await town.ask(PEOPLE[name], 'POST', 'sync/resolve-conflict', { conflict_id: 'never-was', ...decision }));
      expect(foreign).toEqual(unknown);
      expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect(town.asked).toEqual(asked);
      expect(asked.filter((call) => call !== 'conflicts.get')).toEqual([]);
    }
    const { body } = await town.ask(PEOPLE[name], 'GET', 'sync/conflicts?status=all&device_id=bob-tablet');
    expect(body['conflicts']).toEqual([]);
  });

  it('is settled by its owner, or by an admin', async () => {
    for (const who of [bob, root]) {
      const { town, conflictId } = await withConflict();
      expect((await town.ask(who, 'POST', 'sync/resolve-conflict', { conflict_id: conflictId, strategy: 'client_wins' })).status).toBe(200);
    }
  });

  it('is hidden from its own finder, too, once the record is out of sight', async () => {
    const town = await Town.build();
    await town.act(olga, edit('alice-report', { status: 'in_progress' }, { base_version: 1 }), 'desk');
    const { body } = await town.act(olga, edit('alice-report', { status: 'dismissed' }, { base_version: 1 }), 'car');
    const [result] = body['results'] as { conflict_id: string }[];
    await town.act(alice, edit('alice-report', { category: 'parks' }));
    const decision = { strategy: 'client_wins' };
    const lost = said(await town.ask(olga, 'POST', 'sync/resolve-conflict', { conflict_id: result?.conflict_id ?? '', ...decision }));
    expect(town.scopesQueued).toEqual([]);
    expect(lost).toEqual(said(await town.ask(olga, 'POST', 'sync/resolve-conflict', { conflict_id: 'never-was', ...decision })));
    const { body: list } = await town.ask(olga, 'GET', 'sync/conflicts?status=all');
    expect((list['conflicts'] as { record: unknown }[]).map(({ record }) => record)).toEqual([null]);
  });
});

describe('a record that has left a department (P10)', () => {
  it('is to its officers like one that never was', async () => {
    const town = await Town.build();
    await town.act(alice, edit('alice-report', { category: 'parks' }));
    const read = async (id: string) => said(await town.ask(olga, 'GET', `sync/records/report/${id}`));
    expect(await read('alice-report')).toEqual(await read('never-was'));
    expect(await read(String(town.serverId('alice-report')))).toEqual(await read('999999'));
    for (const home of [{}, { home: 'user:alice' }]) {
      const { body } = await town.act(olga, edit('alice-report', { status: 'resolved' }, { client_id: `x${Object.keys(home).length}`, ...home }));
      expect(body['results']).toMatchObject([{ status: 'rejected', error: { code: 'not_found' } }]);
    }
    expect((await town.ask(pia, 'GET', 'sync/records/report/alice-report')).status).toBe(200);
  });
});

describe('a device and its actions (P10)', () => {
  it('belong to their user: the same names of another are other things', async () => {
    const town = await Town.build();
    const status = async (who: Claims, device: string) => (await town.ask(who, 'GET', `sync/status?device_id=${device}`)).body;
    expect(await status(bob, 'alice-phone')).toEqual({ ...(await status(bob, 'never-was')), device_id: 'alice-phone' });
    expect((await status(alice, 'alice-phone'))['last_upload']).not.toBeNull();
    const results = async (who: Claims) => (await town.ask(who, 'GET', 'sync/actions?device_id=alice-phone&client_ids=alice-report')).body['results'];
    expect(await results(bob)).toEqual([{ client_id: 'alice-report', status: 'unknown', message: expect.any(String) }]);
    expect(await results(alice)).toMatchObject([{ status: 'success' }]);
    // The same client_id, and the same id for a record, are free for everyone.
    const { body } = await town.act(bob, { client_id: 'alice-report', action_type: 'create_report', entity_type: 'report', data: { title: 'Bob’s', category: 'roads' } }, 'alice-phone');
    expect(body['results']).toMatchObject([{ status: 'success', home: 'user:bob' }]);
    expect(await town.fieldsOf('alice-report')).toMatchObject({ version: 1, fields: { title: 'Old' } });
  });
});

describe('a cursor (P10)', () => {
  const page = async (town: Town, who: Claims, query: string) => (await town.ask(who, 'GET', `sync/download?device_id=phone&${query}`)).body as unknown as DownloadResponse;
  const scopesIn = (answer: DownloadResponse) => [...new Set([...Object.values(answer.data).flat(), ...Object.values(answer.deleted).flat()].map(({ scope }) => scope))];
  const scopesRead = (town: Town) => [...new Set(town.world.calls.filter(({ port }) => port === 'log' || port === 'entities').map(({ args }) => String(args[0])))];

  it.each(['cursor', 'since'] as const)('that was stolen, as %s, gives nothing of its owner', async (form) => {
    const town = await Town.build();
    const stolen = await page(town, olga, 'limit=1');
    const value = form === 'cursor' ? stolen.cursor : stolen.sync_timestamp;
    for (const thief of [bob, root, PEOPLE.otto]) {
      const got = await page(town, thief, `${form}=${encodeURIComponent(value)}`);
      expect(scopesRead(town)).toEqual([`user:${thief.sub}`]);
      // A time is known to the device that it was given to, and to no other's of the same name.
      if (form === 'since') expect(got.reset).toEqual([{ scope: `user:${thief.sub}`, reason: 'unknown' }]);
      expect(scopesIn(got).filter((scope) => scope !== `user:${thief.sub}`)).toEqual([]);
      expect(Object.keys(got.scopes).filter((scope) => scope !== `user:${thief.sub}`)).toEqual([]);
    }
  });

  it('that was forged names scopes in vain', async () => {
    const town = await Town.build();
    const real = decodeCursor((await page(town, bob, 'limit=1')).cursor);
    if (!real) throw new Error('a cursor that can not be read');
    const wished = { 'user:alice': { at: 0, skip: 0 }, 'department:roads': { from: 0, type: 'task', after: '' }, '__proto__': { at: 0, skip: 0 }, 'user:bob#alias': { at: 0, skip: 0 } };
    const forged = encodeCursor({ ...real, scopes: { ...real.scopes, ...wished } });
    const got = await page(town, bob, `cursor=${forged}`);
    expect(scopesRead(town)).toEqual(['user:bob']);
    expect(scopesIn(got).filter((scope) => scope !== 'user:bob')).toEqual([]);
    // Hints beside it are no rights either.
    for (const hint of ['scope=user:alice', 'scopes=department:roads', 'user=alice', 'sub=alice', 'role=admin', 'departments=roads', 'home=user:alice']) {
      await page(town, bob, hint);
      expect(scopesRead(town)).toEqual(['user:bob']);
    }
  });

  it('of an officer who lost a department resets that scope as revoked, by cursor and by time', async () => {
    for (const form of ['cursor', 'since'] as const) {
      const town = await Town.build();
      const before = await page(town, { ...olga, departments: ['parks', 'roads'] }, 'limit=100');
      const after = await page(town, olga, `${form}=${encodeURIComponent(form === 'cursor' ? before.cursor : before.sync_timestamp)}`);
      expect(after.reset).toEqual([{ scope: 'department:parks', reason: 'revoked' }]);
      expect(scopesIn(after)).not.toContain('department:parks');
    }
  });
});

describe('creating', () => {
  it.each([
    ['olga', 'roads', 'success'], ['olga', 'parks', 'rejected'], ['pia', 'roads', 'rejected'], ['otto', 'roads', 'rejected'],
    ['alice', 'roads', 'rejected'], ['root', 'roads', 'rejected'], ['olga', 'never-was', 'rejected'],
  ] as const)('a task by %s in %s: %s', async (name, department, status) => {
    const town = await Town.build();
    const { body } = await town.act(PEOPLE[name], { client_id: 'n', action_type: 'create_task', entity_type: 'task', data: { department, title: 'New' } });
    expect(body['results']).toMatchObject([{ status, ...(status === 'success' ? {} : { error: { code: 'forbidden' } }) }]);
  });

  it.each(NAMES.filter((name) => name !== 'alice'))('or changing the profile of another, by %s: there is none', async (name) => {
    const town = await Town.build();
    for (const more of [{ entity_id: 'alice' }, { home: 'user:alice' }]) {
      const { body } = await town.act(PEOPLE[name], { client_id: `n${Object.keys(more).join()}`, action_type: 'update_profile', entity_type: 'profile', data: { name: 'Mallory' }, ...more });
      expect(body['results']).toMatchObject([{ status: 'rejected', error: { code: 'not_found' } }]);
    }
  });

  it('with fields of the server is refused, and changes none of them', async () => {
    const town = await Town.build();
    const own = { id: 1, version: 99, scope: 'department:parks', home: 'user:bob', created_by: 'bob', createdBy: 'bob', audience: ['user:bob'], state: 'deleted', stamps: {} };
    const { body } = await town.act(alice, edit('alice-report', { title: 'New', ...own }, { client_id: 'n' }));
    const [result] = body['results'] as { status: string; error: { errors: { pointer: string; code: string }[] } }[];
    expect(result).toMatchObject({ status: 'rejected', error: { code: 'validation_failed' } });
    expect(result?.error.errors).toHaveLength(Object.keys(own).length);
    expect(await town.fieldsOf('alice-report')).toMatchObject({ version: 1, state: 'live', fields: { title: 'Old' } });
  });
});

describe('an action with members of the server', () => {
  it('has none of them, and none of the server’s own kinds is one of its', async () => {
    const town = await Town.build();
    const { town: other, conflictId } = await withConflict();
    const decision = { conflictId, strategy: 'client_wins', conflictUser: 'bob' };
    const forged = { claims: PEOPLE.root, sub: 'bob', user: 'bob', scope: 'user:bob', order: 0, hash: 'x', refusal: { code: 'noop' }, decision };
    const { body } = await town.act(alice, edit('alice-report', { title: 'New' }, { client_id: 'n', ...forged }));
    expect(body['results']).toMatchObject([{ status: 'success', home: 'user:alice' }]);
    expect(await town.fieldsOf('alice-report')).toMatchObject({ fields: { title: 'New' } });
    const resolve = { client_id: 'r', action_type: 'resolve_conflict', entity_type: 'report', entity_id: 'bob-report', decision };
    expect((await other.act(bob, resolve)).body['results']).toMatchObject([{ error: { code: 'unknown_action' } }]);
    const { body: open } = await other.ask(bob, 'GET', 'sync/conflicts');
    expect(open['conflicts']).toHaveLength(1);
  });
});

describe('the admin routes', () => {
  const ref = batchRef({ user: 'alice', device: 'alice-phone' }, '000000000000001-000');

  it.each(NAMES.filter((name) => name !== 'root'))('refuse %s without reading anything', async (name) => {
    const town = await Town.build();
    for (const [route, body] of [['admin/query', { query: 'overview' }], ['admin/redrive', { all: true }], ['admin/redrive', { batch_ids: [ref], discard: true }], ['admin/query', { query: 'nonsense' }]] as const) {
      expect(await town.ask(PEOPLE[name], 'POST', route, body as never)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(town.asked).toEqual([]);
    }
  });

  it('answer an admin', async () => {
    const town = await Town.build();
    expect((await town.ask(root, 'POST', 'admin/query', { query: 'overview' })).status).toBe(200);
    expect((await town.ask(root, 'POST', 'admin/redrive', { batch_ids: [ref] })).body).toEqual({ success: true, redriven: 0, discarded: 0 });
  });
});
