import { describe, expect, it } from 'vitest';
import type { Phone } from '../../local/demo/phone.ts';
import type { WireConflict } from '../../src/protocol/conflict.ts';
import type { Strategy } from '../../src/protocol/primitives.ts';
import { citizen, fresh, officer, type Person } from '../support/people.ts';

type Two = { alice: Person; phone: Phone; tablet: Phone; id: string };

/** One report on two devices of one citizen. */
async function shared(category = 'roads'): Promise<Two> {
  const alice = await citizen();
  const [phone, tablet] = [alice.phone(), alice.phone()];
  const id = phone.create('report', { title: 'Pothole', category }).client_id;
  await phone.sync();
  await tablet.sync();
  return { alice, phone, tablet, id };
}

/** Both edited the title; the tablet came second. */
async function contested(category?: string): Promise<Two & { conflict: WireConflict }> {
  const two = await shared(category);
  two.phone.edit('report', two.id, { title: 'Deep' });
  two.tablet.edit('report', two.id, { title: 'Wide' });
  await two.phone.sync();
  const [conflict] = (await two.tablet.sync())?.conflicts ?? [];
  if (!conflict) throw new Error('there is no conflict');
  return { ...two, conflict };
}

const post = (person: Person, body: object) => person.api.request('POST', 'sync/resolve-conflict', { body });

describe('resolving a conflict', () => {
  it('is 404 for what does not exist, and in the same words for what is somebody else’s (P10)', async () => {
    const { conflict } = await contested();
    const bob = await citizen('bob');
    const foreign = await post(bob, { conflict_id: conflict.id });
    const unknown = await post(bob, { conflict_id: 'never-was' });
    expect(foreign.status).toBe(404);
    expect(foreign.body).toMatchObject({ code: 'not_found' });
    const neutral = ({ body }: typeof foreign) => ({ ...(body as object), request_id: '' });
    expect(neutral(foreign)).toEqual(neutral(unknown));
  });

  it('the same way twice answers 200 twice; another way is 409 with the conflict as it is', async () => {
    const { alice, conflict } = await contested();
    const first = await post(alice, { conflict_id: conflict.id, strategy: 'client_wins' });
    const again = await post(alice, { conflict_id: conflict.id, strategy: 'client_wins' });
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
    const other = await post(alice, { conflict_id: conflict.id, strategy: 'server_wins' });
    expect(other.status).toBe(409);
    expect(other.body).toMatchObject({ code: 'already_resolved', conflict: { id: conflict.id, status: 'resolved', strategy: 'client_wins' } });
  });

  it('that changed since it was shown is 409 with the refreshed conflict; decided again it is done (P4)', async () => {
    const { alice, phone, tablet, id, conflict } = await contested();
    phone.edit('report', id, { title: 'Deeper' });
    await phone.sync();
    const stale = await post(alice, { conflict_id: conflict.id, strategy: 'client_wins', server_version: conflict.server_version });
    expect(stale.status).toBe(409);
    const { code, conflict: refreshed } = stale.body as { code: string; conflict: WireConflict };
    expect(code).toBe('conflict_changed');
    expect(refreshed).toMatchObject({ id: conflict.id, status: 'unresolved', server_data: { title: 'Deeper' }, client_data: { title: 'Wide' } });
    expect(refreshed.server_version).toBeGreaterThan(conflict.server_version);
    await tablet.pull();
    expect(tablet.holdings.find('report', id)).toMatchObject({ title: 'Deeper' });
    const { record } = await alice.api.resolve({ conflict_id: conflict.id, strategy: 'client_wins', server_version: refreshed.server_version });
    expect(record).toMatchObject({ title: 'Wide' });
  });

  it('leaves alone what was not contested, and what changed meanwhile elsewhere in the record', async () => {
    const { alice, phone, tablet, id, conflict } = await contested();
    phone.edit('report', id, { tags: ['urgent'] });
    await phone.sync();
    const { record } = await alice.api.resolve({ conflict_id: conflict.id, strategy: 'client_wins', server_version: conflict.server_version });
    expect(record).toMatchObject({ title: 'Wide', tags: ['urgent'] });
    await tablet.pull();
    expect(tablet.holdings.find('report', id)).toMatchObject({ title: 'Wide', tags: ['urgent'] });
  });

  it.each<[string, object, string]>([
    ['manual without data', { strategy: 'manual' }, '/resolved_data'],
    ['data that the domain refuses', { strategy: 'manual', resolved_data: { title: '' } }, '/resolved_data/title'],
    ['a strategy that does not exist', { strategy: 'mine' }, '/strategy'],
    ['no conflict_id', { conflict_id: null }, '/conflict_id'],
  ])('with %s is 422 with a pointer, and the conflict stays open', async (_, fault, pointer) => {
    const { alice, conflict } = await contested();
    const { status, body } = await post(alice, { conflict_id: conflict.id, ...fault });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'validation_failed', errors: [expect.objectContaining({ pointer })] });
    expect(await alice.api.conflicts()).toMatchObject([{ id: conflict.id }]);
  });

  it('keeps the default, which is the server’s version', async () => {
    const { alice, conflict } = await contested();
    const { conflict: resolved, record } = await alice.api.resolve({ conflict_id: conflict.id });
    expect(resolved).toMatchObject({ status: 'resolved', strategy: 'server_wins', resolved_data: { title: 'Deep' } });
    expect(record).toMatchObject({ title: 'Deep' });
  });

  it('is 404 for who no longer sees the record: it left their department (P10)', async () => {
    const [from, to] = [fresh('roads'), fresh('water')];
    const { phone, id } = await shared(from);
    const [olga, omar] = [await officer(from), await officer(from)];
    const [desk, other] = [olga.phone(), omar.phone()];
    for (const device of [desk, other]) {
      await expect.poll(async () => (await device.pull(), device.holdings.ofType('report').length), { timeout: 20_000 }).toBe(1);
      device.edit('report', id, { resolution_note: `by ${device.deviceId}` });
    }
    await desk.push();
    const [conflict] = (await other.push())?.conflicts ?? [];
    expect(conflict).toMatchObject({ kind: 'update_update', conflicting_fields: ['resolution_note'] });
    phone.edit('report', id, { category: to });
    await phone.sync();
    const gone = await post(omar, { conflict_id: conflict?.id, strategy: 'client_wins' });
    expect(gone.status).toBe(404);
  });
});

describe('the list of conflicts', () => {
  it('can be asked by status and device, and page by page', async () => {
    const alice = await citizen();
    const [phone, tablet] = [alice.phone(), alice.phone()];
    const ids = ['a', 'b', 'c'].map((title) => phone.create('report', { title, category: 'roads' }).client_id);
    await phone.sync();
    await tablet.sync();
    for (const id of ids) {
      phone.edit('report', id, { title: 'phone' });
      tablet.edit('report', id, { title: 'tablet' });
    }
    await phone.sync();
    const conflicts = (await tablet.sync())?.conflicts ?? [];
    expect(conflicts).toHaveLength(3);
    const resolved = conflicts[0]?.id ?? '';
    await alice.api.resolve({ conflict_id: resolved });
    const listed = async (query: object) => (await alice.api.conflicts(query)).map(({ id }) => id).sort();
    const all = conflicts.map(({ id }) => id).sort();
    expect(await listed({ status: 'all' })).toEqual(all);
    expect(await listed({ status: 'resolved' })).toEqual([resolved]);
    expect(await listed({})).toEqual(all.filter((id) => id !== resolved));
    expect(await listed({ device_id: tablet.deviceId, status: 'all' })).toEqual(all);
    expect(await listed({ device_id: phone.deviceId, status: 'all' })).toEqual([]);

    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await alice.api.request('GET', 'sync/conflicts', { query: { status: 'all', limit: 1, cursor } });
      const page = body as { conflicts: WireConflict[]; next_cursor: string | null };
      expect(page.conflicts.length).toBeLessThanOrEqual(1);
      paged.push(...page.conflicts.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged.sort()).toEqual(all);
    const bob = await citizen('bob');
    expect(await bob.api.conflicts({ status: 'all' })).toEqual([]);
  });

  it('has one question per record and device, however many edits overlap', async () => {
    const { alice, phone, tablet, id, conflict } = await contested();
    tablet.edit('report', id, { title: 'Wider' }, { base_version: 1 });
    tablet.edit('report', id, { description: 'more' }, { base_version: 1 });
    phone.edit('report', id, { description: 'less' });
    await phone.sync();
    await tablet.sync();
    expect(await alice.api.conflicts()).toMatchObject([
      { id: conflict.id, conflicting_fields: ['description', 'title'], client_data: { title: 'Wider', description: 'more' } },
    ]);
    const [open] = await alice.api.conflicts();
    expect(open?.client_ids).toHaveLength(3);
  });
});

describe('a delete', () => {
  it('reaches the other device, and is final: a later edit by it is a conflict, not a resurrection (P9)', async () => {
    const { alice, phone, tablet, id } = await shared();
    phone.delete('report', id);
    tablet.edit('report', id, { title: 'Wide' });
    expect((await phone.sync())?.results).toMatchObject([{ status: 'success' }]);
    const answer = await tablet.sync();
    expect(answer?.results).toMatchObject([{ status: 'conflict', resolution: 'unresolved' }]);
    expect(answer?.conflicts).toMatchObject([
      { kind: 'update_delete', server_deleted: true, client_data: { title: 'Wide' }, record: null, status: 'unresolved' },
    ]);
    expect(phone.holdings.all()).toEqual([]);
    expect(tablet.holdings.all()).toEqual([]);
    const [open] = await alice.api.conflicts();
    const { record } = await alice.api.resolve({ conflict_id: open?.id ?? '', strategy: 'client_wins' });
    expect(record).toMatchObject({ entity_id: id, title: 'Wide', category: 'roads' });
    await phone.sync();
    expect(phone.holdings.all()).toMatchObject([{ title: 'Wide' }]);
  });

  it.each<[Strategy | undefined, string, string, boolean]>([
    [undefined, 'conflict', 'unresolved', true],
    ['manual', 'conflict', 'unresolved', true],
    ['server_wins', 'conflict', 'server_wins', true],
    ['merge', 'conflict', 'server_wins', true],
    ['client_wins', 'success', 'client_wins', false],
  ])('of what somebody else edited, with %s, ends as %s (%s)', async (strategy, status, resolution, lives) => {
    const { alice, phone, tablet, id } = await shared();
    phone.edit('report', id, { title: 'Deep' });
    await phone.sync();
    tablet.delete('report', id);
    const answer = await tablet.sync(strategy ? { conflict_strategy: strategy } : {});
    expect(answer?.results).toMatchObject([{ status, resolution }]);
    expect(answer?.conflicts).toMatchObject([{ kind: 'delete_update', client_data: null, server_data: { title: 'Deep' } }]);
    await phone.sync();
    expect(phone.holdings.all().length > 0).toBe(lives);
    expect(tablet.holdings.all()).toEqual(phone.holdings.all());
    expect(await alice.api.conflicts()).toHaveLength(resolution === 'unresolved' ? 1 : 0);
  });

  it('of what is gone, unknown or never visible is a success without effect', async () => {
    const { alice, phone, tablet, id } = await shared();
    phone.delete('report', id);
    await phone.sync();
    tablet.delete('report', id);
    tablet.delete('report', 'never-was');
    const answer = await tablet.sync();
    expect(answer?.results).toMatchObject([{ status: 'success' }, { status: 'success' }]);
    expect(await alice.api.conflicts({ status: 'all' })).toEqual([]);
  });

  it('leaves a tombstone: the record reads as deleted, and its id is not taken again', async () => {
    const { alice, phone, id } = await shared();
    const serverId = phone.holdings.find('report', id)?.id;
    phone.delete('report', id);
    await phone.sync();
    const gone = await alice.api.request('GET', `sync/records/report/${id}`);
    expect(gone.status).toBe(200);
    expect(gone.body).toMatchObject({ success: true, record: null, deleted: { id: serverId, entity_id: id, reason: 'deleted', home: alice.home } });
    const answer = await alice.upload([{ entity_id: id, data: { title: 'Again', category: 'roads' } }]);
    expect(answer.results).toMatchObject([{ status: 'conflict', resolution: 'unresolved' }]);
    expect(answer.conflicts).toMatchObject([{ kind: 'create_create', server_deleted: true }]);
  });
});

describe('creating an id that exists', () => {
  it('with the same content is a success, with other content a conflict', async () => {
    const { alice, id } = await shared();
    const create = (title: string) => alice.upload([{ entity_id: id, data: { title, category: 'roads' } }]);
    expect((await create('Pothole')).results).toMatchObject([{ status: 'success', entity_id: id }]);
    const other = await create('Something else');
    expect(other.results).toMatchObject([{ status: 'conflict', resolution: 'unresolved' }]);
    expect(other.conflicts).toMatchObject([{ kind: 'create_create', conflicting_fields: ['title'], server_data: { title: 'Pothole' } }]);
  });
});
