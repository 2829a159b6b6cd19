import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/protocol/json.ts';
import { action, citizen, PATIENT } from '../support/people.ts';

const data = (title: string): JsonObject => ({ title, category: 'roads' });
const one = <T>(list: readonly T[]): T => {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`expected one, got ${list.length}`);
  return first;
};

describe('sending again (P2)', () => {
  it('the same upload answers the same outcome, marked duplicate, and makes no second record', async () => {
    const alice = await citizen();
    const created = action({ data: data('Pothole') });
    const first = one((await alice.upload([created])).results);
    const again = one((await alice.upload([created])).results);
    expect(first).not.toHaveProperty('duplicate');
    expect(again).toEqual({ ...first, duplicate: true });
    expect((await alice.api.download({ device_id: 'tablet' })).data['reports']).toHaveLength(1);
  });

  it('with other times, base and strategy is the same; with data equal by value too', async () => {
    const alice = await citizen();
    const created = action({ data: { title: 'Pothole', category: 'roads' } });
    const first = one((await alice.upload([created])).results);
    const later = { ...created, timestamp: '2025-01-01T00:00:00Z', priority: 1, conflict_strategy: 'merge' as const, base_version: 7 };
    const again = one((await alice.upload([{ ...later, data: { category: 'roads', title: 'Pothole' } }])).results);
    expect(again).toEqual({ ...first, duplicate: true });
  });

  it('with a conflict answers the conflict again, as it is by then', async () => {
    const alice = await citizen();
    const created = action({ data: data('Pothole') });
    await alice.upload([created]);
    const edit = (title: string) => action({ action_type: 'update_report', entity_id: created.client_id, base_version: 1, data: { title } });
    await alice.upload([edit('Deep')], { device_id: 'phone' });
    const loser = edit('Wide');
    const first = await alice.upload([loser]);
    const conflict = one(first.conflicts);
    await alice.api.resolve({ conflict_id: conflict.id });
    const again = await alice.upload([loser]);
    expect(one(again.results)).toEqual({ ...one(first.results), duplicate: true });
    expect(one(again.conflicts)).toMatchObject({ id: conflict.id, status: 'resolved', strategy: 'server_wins' });
  });

  it('other content under a used client_id is refused and changes nothing', async () => {
    const alice = await citizen();
    const created = action({ data: data('Pothole') });
    await alice.upload([created]);
    const { status, body } = await alice.api.request('POST', 'sync/upload', {
      body: { device_id: 'tablet', actions: [{ ...created, data: data('Other') }] },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ results: [{ client_id: created.client_id, status: 'rejected', error: { code: 'client_id_reused' } }] });
    expect(one((await alice.api.download({ device_id: 'tablet' })).data['reports'] ?? [])).toMatchObject({ title: 'Pothole' });
  });

  it('a client_id twice in one upload refuses all of it, says where, and stores nothing', async () => {
    const alice = await citizen();
    const [a, b] = [action({ data: data('A') }), action({ data: data('B') })];
    const { status, body } = await alice.api.request('POST', 'sync/upload', { body: { device_id: 'tablet', actions: [a, b, a] } });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/actions/2/client_id', code: 'repeated' }] });
    const looked = await alice.api.request('GET', 'sync/actions', {
      query: { device_id: 'tablet', client_ids: `${a.client_id},${b.client_id}` },
    });
    expect(looked.body).toMatchObject({ results: [{ status: 'unknown' }, { status: 'unknown' }] });
    expect(await alice.api.status('tablet')).toMatchObject({ pending_uploads: 0, last_upload: null });
  });
});

describe('one bad action', () => {
  it.each<[string, JsonObject, string, string, string | undefined]>([
    ['without data', { data: null }, 'validation_failed', '/data', 'required'],
    ['with a time that is none', { timestamp: 'yesterday' }, 'validation_failed', '/timestamp', 'invalid_format'],
    ['with a field that does not exist', { data: { ...data('x'), colour: 'red' } }, 'validation_failed', '/data/colour', 'unknown_field'],
    ['with a value out of range', { data: { ...data('x'), latitude: 91 } }, 'validation_failed', '/data/latitude', 'invalid_value'],
    ['without a required field', { data: { title: 'x' } }, 'validation_failed', '/data/category', 'required'],
    ['with an entity_id of digits for a new record', { entity_id: '42' }, 'validation_failed', '/entity_id', 'invalid_format'],
    ['with a strategy that does not exist', { conflict_strategy: 'mine' }, 'validation_failed', '/conflict_strategy', 'invalid_value'],
    ['with a priority above 9', { priority: 10 }, 'validation_failed', '/priority', 'too_big'],
    ['with an officer’s field', { data: { ...data('x'), status: 'resolved' } }, 'forbidden', '/data/status', 'forbidden'],
    ['of a kind unknown here', { action_type: 'paint_report' }, 'unknown_action', '', undefined],
    ['of a newer app', { schema_version: 99 }, 'unsupported_schema_version', '', undefined],
    ['that is too large', { data: { ...data('x'), description: 'x'.repeat(70_000) } }, 'too_large', '/data', 'too_large'],
  ])('%s is rejected alone, with a pointer; the others are applied', async (_, fault, code, pointer, faultCode) => {
    const alice = await citizen();
    const good = [action({ data: data('first') }), action({ data: data('last') })];
    const bad = { ...action({ data: data('bad') }), ...fault };
    const { status, body } = await alice.api.request('POST', 'sync/upload', {
      headers: PATIENT,
      body: { device_id: 'tablet', actions: [good[0], bad, good[1]] },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ results: [{ status: 'success' }, { client_id: bad.client_id, status: 'rejected', error: { code } }, { status: 'success' }] });
    const { error } = (body as { results: { error: { errors?: { pointer: string; code: string }[] } }[] }).results[1] ?? {};
    const pointed = faultCode === undefined ? undefined : [expect.objectContaining({ pointer: `/actions/1${pointer}`, code: faultCode })];
    expect(error?.errors).toEqual(pointed);
    expect((await alice.api.download({ device_id: 'tablet' })).data['reports']).toHaveLength(2);
    // Refused for good is final: nothing waits.
    expect(await alice.api.status('tablet')).toMatchObject({ pending_uploads: 0, sync_health: 'good' });
  });
});

describe('a bad envelope', () => {
  it.each<[string, JsonObject, string]>([
    ['no device_id', { device_id: null }, '/device_id'],
    ['a device_id with a space', { device_id: 'my phone' }, '/device_id'],
    ['no actions', { actions: [] }, '/actions'],
    ['501 actions', { actions: Array.from({ length: 501 }, (_, i) => ({ client_id: `a${i}` })) }, '/actions'],
    ['an action without client_id', { actions: [{ action_type: 'create_report' }] }, '/actions/0/client_id'],
    ['a client_id that is too long', { actions: [{ client_id: 'x'.repeat(65) }] }, '/actions/0/client_id'],
    ['a strategy that does not exist', { conflict_strategy: 'mine' }, '/conflict_strategy'],
    ['a last_sync_timestamp without a zone', { last_sync_timestamp: '2025-10-19T10:00:00' }, '/last_sync_timestamp'],
  ])('with %s refuses all with a pointer, and stores nothing', async (_, fault, pointer) => {
    const alice = await citizen();
    const body = { device_id: 'tablet', actions: [action({ data: data('x') })], ...fault };
    const answer = await alice.api.request('POST', 'sync/upload', { body });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed', errors: [expect.objectContaining({ pointer })] });
    expect((await alice.api.download({ device_id: 'other' })).data['reports']).toEqual([]);
  });

  it('takes null for what is absent, and ignores what it does not know', async () => {
    const alice = await citizen();
    const absent = { entity_id: null, home: null, base: null, base_version: null, priority: null, conflict_strategy: null, schema_version: null };
    const { status, body } = await alice.api.request('POST', 'sync/upload', {
      body: {
        device_id: 'tablet',
        last_sync_timestamp: null,
        conflict_strategy: null,
        device_info: null,
        mood: 'fine',
        actions: [{ ...action({ data: data('x') }), ...absent, colour: 'red' }],
      },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ results: [{ status: 'success' }] });
  });
});

describe('order', () => {
  it('of different records follows priority; of one record the given order (P3)', async () => {
    const alice = await citizen();
    const id = randomUUID();
    const last = action({ data: data('last'), priority: 9 });
    const first = action({ data: data('first'), priority: 0 });
    const record = [
      action({ client_id: id, data: data('1'), priority: 5 }),
      action({ action_type: 'update_report', entity_id: id, data: { title: '2' }, priority: 9 }),
      action({ action_type: 'update_report', entity_id: id, data: { title: '3' }, priority: 4 }),
    ];
    const { results } = await alice.upload([last, ...record, first]);
    expect(results.map(({ client_id }) => client_id)).toEqual([last, ...record, first].map(({ client_id }) => client_id));
    const ids = Object.fromEntries(results.map((result) => [result.client_id, result.server_id ?? 0]));
    expect(ids[first.client_id]).toBeLessThan(ids[id] ?? 0);
    expect(ids[id]).toBeLessThan(ids[last.client_id] ?? 0);
    expect(await alice.api.download({ device_id: 'tablet' })).toMatchObject({
      data: { reports: expect.arrayContaining([expect.objectContaining({ entity_id: id, title: '3' })]) },
    });
  });
});

describe('Prefer', () => {
  const upload = (alice: Awaited<ReturnType<typeof citizen>>, prefer: string | undefined, actions = [action({ data: data('x') })]) =>
    alice.api.request('POST', 'sync/upload', { body: { device_id: 'tablet', actions }, headers: prefer === undefined ? {} : { prefer } });

  it('respond-async answers 202 with queued at once; the outcome is at /sync/actions soon', async () => {
    const alice = await citizen();
    const created = action({ data: data('x') });
    const { status, headers, body } = await upload(alice, 'respond-async', [created]);
    expect(headers.get('preference-applied')).toBe('respond-async');
    expect(status).toBe(202);
    expect(body).toMatchObject({ success: true, results: [{ client_id: created.client_id, status: 'queued' }] });
    const query = { device_id: 'tablet', client_ids: `${created.client_id},never-sent` };
    const outcome = () => alice.api.request('GET', 'sync/actions', { query });
    await expect.poll(async () => (await outcome()).body, { timeout: 20_000 }).toEqual({
      success: true,
      results: [
        {
          client_id: created.client_id,
          status: 'success',
          server_id: expect.any(Number),
          entity_id: created.client_id,
          home: alice.home,
          version: 1,
          message: 'Report created successfully',
        },
        { client_id: 'never-sent', status: 'unknown', message: expect.any(String) },
      ],
      conflicts: [],
    });
  });

  it('wait=N is answered as applied, and never longer than 20 seconds', async () => {
    const alice = await citizen();
    expect((await upload(alice, 'wait=7')).headers.get('preference-applied')).toBe('wait=7');
    expect((await upload(alice, 'wait=3600')).headers.get('preference-applied')).toBe('wait=20');
    expect((await upload(alice, undefined)).headers.get('preference-applied')).toBeNull();
  });

  it('return=representation adds the record as it now is', async () => {
    const alice = await citizen();
    const { headers, body } = await upload(alice, 'return=representation, wait=20');
    expect(headers.get('preference-applied')).toBe('wait=20, return=representation');
    expect(body).toMatchObject({ results: [{ status: 'success', record: { title: 'x', version: 1, scope: alice.home, type: 'report' } }] });
  });
});

describe('an outcome', () => {
  it('is in the next download (P7)', async () => {
    const alice = await citizen();
    const phone = alice.phone();
    for (let i = 0; i < 5; i++) {
      const id = phone.create('report', data(String(i))).client_id;
      const { version = 0, home = '' } = one((await phone.push())?.results ?? []);
      const page = await phone.pullPage();
      expect(phone.holdings.find('report', id)).toMatchObject({ title: String(i) });
      expect(page.scopes[home]).toBeGreaterThanOrEqual(version);
    }
  });

  it('says the same for sets and counters as for values: operators add up, duplicates are dropped', async () => {
    const alice = await citizen();
    const created = action({ data: { ...data('x'), tags: ['a', 'b', 'a'] } });
    const edit = (tags: JsonObject) => action({ action_type: 'update_report', entity_id: created.client_id, data: { tags } });
    await alice.upload([created, edit({ $add: ['c', 'b'] }), edit({ $remove: ['a'] })]);
    expect(one((await alice.api.download({ device_id: 'tablet' })).data['reports'] ?? [])).toMatchObject({ tags: ['b', 'c'] });
  });

  it('of 500 actions in one upload comes for all of them, at once or a little later', async () => {
    const alice = await citizen();
    const phone = alice.phone({ limit: 1000 });
    for (let i = 0; i < 500; i++) phone.create('report', data(String(i)));
    await expect
      .poll(async () => (await phone.push(), phone.outbox.length), { timeout: 60_000, interval: 500 })
      .toBe(0);
    await phone.pull();
    expect(phone.holdings.ofType('report')).toHaveLength(500);
    expect([...phone.results.values()].every((result) => result.status === 'success')).toBe(true);
    expect(await alice.api.status(phone.deviceId)).toMatchObject({ pending_uploads: 0, sync_health: 'good' });
  });
});
