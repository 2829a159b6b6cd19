import { createRxDatabase, type RxCollection, type RxDatabase, type RxReplicationWriteToMasterRow } from 'rxdb';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fieldsyncReplication, fieldsyncSchema, type Checkpoint, type Doc } from '../../../client/adapters/rxdb.ts';
import type { Verdict } from '../../../client/src/direct.ts';
import { openReports } from '../../../examples/libraries/rxdb.ts';
import { domain } from '../../../examples/reports/domain.ts';
import type { Claims } from '../../../src/engine/model.ts';
import { citizen, officer } from '../../support/world.ts';
import { Backend, tokenOf } from '../../support/client/backend.ts';

const SCHEMA = fieldsyncSchema('report', {
  title: { type: 'string' },
  description: { type: ['string', 'null'] },
  category: { type: 'string' },
  tags: { type: ['array', 'null'], items: { type: 'string' } },
  status: { type: 'string' },
});

let backend: Backend;
let databases: RxDatabase[];
let names = 0;

beforeEach(() => {
  backend = new Backend();
  databases = [];
});
afterEach(async () => {
  await Promise.all(databases.map((each) => each.close()));
});

/** A device: one collection that replicates when the test says so. */
async function device(claims: Claims, deviceId: string) {
  const database = await createRxDatabase({ name: `rx${++names}`, storage: getRxStorageMemory(), multiInstance: false });
  databases.push(database);
  const { reports } = (await database.addCollections({ reports: { schema: SCHEMA } })) as unknown as { reports: RxCollection<Doc> };
  const verdicts: Verdict[] = [];
  const who = { claims, isForgotten: false };
  const network = backend.network();
  const options = fieldsyncReplication(reports, {
    baseUrl: 'http://backend.invalid',
    token: async () => tokenOf(who.claims),
    deviceId,
    network: { fetch: (url, request) => network.fetch(who.isForgotten ? url.replace(/cursor=[^&]+/, 'cursor=AAAA') : url, request) },
    domain,
    type: 'report',
    onVerdict: (verdict) => verdicts.push(verdict),
  });
  return {
    reports,
    verdicts,
    /** Its cursor means nothing to the server any more. */
    who,
    async synced() {
      const state = replicateRxCollection<Doc, Checkpoint>({ ...options, live: false, retryTime: 10 });
      await state.awaitInitialReplication();
      await state.awaitInSync();
      await state.cancel();
    },
    /** Edits and sends it; the app is closed before it hears the answer. */
    async sentUnanswered(id: string, change: object) {
      const assumedMasterState = (await reports.findOne(id).exec())!.toJSON() as Doc;
      const doc = await (await reports.findOne(id).exec())!.patch(change);
      const row = { assumedMasterState: { ...assumedMasterState, _deleted: false }, newDocumentState: { ...(doc.toJSON() as Doc), _deleted: false } };
      await options.push?.handler([row]);
    },
    push: (rows: RxReplicationWriteToMasterRow<Doc>[]) => options.push!.handler(rows),
    async all() {
      const docs = await reports.find({ sort: [{ entity_id: 'asc' }] }).exec();
      return docs.map((doc) => doc.toJSON() as Doc);
    },
    doc: async (id: string) => (await reports.findOne(id).exec())!,
  };
}

const report = (entity_id: string, title: string, more: object = {}) => ({ entity_id, title, category: 'roads', ...more });

describe('RxDB with Fieldsync', () => {
  it('sends new documents, brings them to other devices, and sends edits and deletes', async () => {
    const phone = await device(citizen('alice'), 'phone');
    const tablet = await device(citizen('alice'), 'tablet');
    await phone.reports.insert(report('r-1', 'Pothole', { tags: ['road'] }));
    await phone.reports.insert(report('r-2', 'Lamp'));
    await phone.synced();
    await tablet.synced();
    expect(await tablet.all()).toMatchObject([{ entity_id: 'r-1', title: 'Pothole', tags: ['road'], status: 'received', id: expect.any(Number), version: 1 }, { entity_id: 'r-2' }]);
    await (await tablet.doc('r-1')).patch({ title: 'Deep pothole' });
    await (await tablet.doc('r-2')).remove();
    await tablet.synced();
    await phone.synced();
    await tablet.synced();
    expect(await phone.all()).toEqual(await tablet.all());
    expect(await phone.all()).toMatchObject([{ entity_id: 'r-1', title: 'Deep pothole' }]);
    expect([...phone.verdicts, ...tablet.verdicts]).toEqual([]);
  });

  it('merges edits of different fields and takes the server’s side of the same, which it tells (P4)', async () => {
    const phone = await device(citizen('alice'), 'phone');
    const tablet = await device(citizen('alice'), 'tablet');
    await phone.reports.insert(report('r-1', 'Pothole'));
    await phone.synced();
    await tablet.synced();
    await (await tablet.doc('r-1')).patch({ title: 'Theirs' });
    await tablet.synced();
    await (await phone.doc('r-1')).patch({ title: 'Mine', tags: ['urgent'] });
    await phone.synced();
    await phone.synced();
    await tablet.synced();
    expect(await phone.all()).toEqual(await tablet.all());
    expect(await phone.all()).toMatchObject([{ title: 'Theirs', tags: ['urgent'] }]);
    expect(phone.verdicts).toMatchObject([{ action: { data: { title: 'Mine' } }, result: { status: 'conflict', conflict_id: expect.any(String) } }]);
  });

  it('does nothing twice when answers are lost, and loses nothing', async () => {
    const phone = await device(citizen('alice'), 'phone');
    await phone.reports.insert(report('r-1', 'Pothole'));
    let n = 0;
    backend.fate = ({ path }) => (path.endsWith('/upload') ? ((['unanswered', 500, 503] as const)[n++] ?? 'well') : 'well');
    const syncing = phone.synced();
    await expect.poll(() => n).toBeGreaterThan(0);
    // Edited before the answer to its creation is there.
    await (await phone.doc('r-1')).patch({ title: 'Deep pothole' });
    await syncing;
    await phone.synced();
    expect(await phone.all()).toMatchObject([{ entity_id: 'r-1', title: 'Deep pothole' }]);
    const tablet = await device(citizen('alice'), 'tablet');
    await tablet.synced();
    expect(await tablet.all()).toMatchObject([{ entity_id: 'r-1', title: 'Deep pothole', version: 2 }]);
    expect(phone.verdicts).toEqual([]);
  });

  it('shows what others changed meanwhile, although the answer to an own edit was lost (P6)', async () => {
    const phone = await device(citizen('alice'), 'phone');
    const tablet = await device(citizen('alice'), 'tablet');
    await phone.reports.insert(report('r-1', 'Pothole'));
    await phone.synced();
    await tablet.synced();
    await phone.sentUnanswered('r-1', { tags: ['urgent'] });
    await tablet.synced();
    await (await tablet.doc('r-1')).patch({ title: 'Deep pothole' });
    await tablet.synced();
    await phone.synced();
    expect(await phone.all()).toEqual(await tablet.all());
    expect(await phone.all()).toMatchObject([{ title: 'Deep pothole', tags: ['urgent'], version: 3 }]);
  });

  it('shows the whole of a record whose field two people set to the same (P6)', async () => {
    const phone = await device(citizen('alice'), 'phone');
    const tablet = await device(citizen('alice'), 'tablet');
    await phone.reports.insert(report('r-1', 'Pothole'));
    await phone.synced();
    await tablet.synced();
    await (await tablet.doc('r-1')).patch({ title: 'Deep pothole', tags: ['urgent'] });
    await tablet.synced();
    await (await phone.doc('r-1')).patch({ title: 'Deep pothole' });
    await phone.synced();
    expect(await phone.all()).toEqual(await tablet.all());
  });

  it('gives a new document what the server adds as soon as it is there, and edits go on from it', async () => {
    const phone = await device(citizen('alice'), 'phone');
    await phone.reports.insert(report('r-1', 'Pothole'));
    await phone.synced();
    expect(await phone.all()).toMatchObject([{ version: 1, status: 'received', home: 'user:alice' }]);
    await (await phone.doc('r-1')).patch({ title: 'Deep pothole' });
    await phone.synced();
    expect(backend.requests.filter(({ path }) => path.endsWith('/upload')).map(({ body }) => JSON.parse(body ?? '') as unknown)).toMatchObject([
      { actions: [{ action_type: 'create_report' }] },
      { actions: [{ action_type: 'update_report', base_version: 1 }] },
    ]);
    expect(phone.verdicts).toEqual([]);
  });

  it('sends no more than the user changed, while RxDB does not yet know that the document is there', async () => {
    const phone = await device(citizen('alice'), 'phone');
    const made = { ...report('r-1', 'Pothole'), _deleted: false };
    await phone.push([{ newDocumentState: made }]);
    // Edited in the moment in which the answer came: RxDB drops what the answer brought, and says nothing of it.
    await phone.push([{ newDocumentState: { ...made, title: 'Deep pothole' } }]);
    const sent = backend.requests.flatMap(({ body }) => (JSON.parse(body ?? '') as { actions: { action_type: string; base_version?: number; data: object }[] }).actions);
    expect(sent.map(({ action_type, base_version, data }) => [action_type, base_version, data])).toEqual([
      ['create_report', undefined, { title: 'Pothole', category: 'roads' }],
      ['update_report', 1, { title: 'Deep pothole' }],
    ]);
    expect(phone.verdicts).toEqual([]);
  });

  it('undoes what was refused, and tells why', async () => {
    const phone = await device(citizen('alice'), 'phone');
    await phone.reports.insert(report('r-1', 'Pothole'));
    await phone.synced();
    await (await phone.doc('r-1')).patch({ status: 'resolved' });
    await phone.reports.insert(report('r-2', ' '));
    await phone.synced();
    expect(await phone.all()).toMatchObject([{ entity_id: 'r-1', status: 'received' }]);
    expect(phone.verdicts.map(({ result }) => result.error?.code).sort()).toEqual(['forbidden', 'validation_failed']);
  });

  it('drops what left the user’s sight, and starts afresh when the server says so', async () => {
    const phone = await device(citizen('alice'), 'phone');
    const desk = await device(officer('olga', 'roads'), 'desk');
    for (const id of ['r-1', 'r-2', 'r-3']) await phone.reports.insert(report(id, id));
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect(await desk.all()).toHaveLength(3);
    await (await phone.doc('r-2')).patch({ category: 'parks' });
    await (await phone.doc('r-3')).remove();
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect((await desk.all()).map(({ entity_id }) => entity_id)).toEqual(['r-1']);
  });

  it('drops all that the server can no longer name, when it does not know the device any more (P5, P10)', async () => {
    const phone = await device(citizen('alice'), 'phone');
    const desk = await device(officer('olga', 'roads', 'parks'), 'desk');
    await phone.reports.insert(report('r-1', 'on a road'));
    await phone.reports.insert(report('r-2', 'in a park', { category: 'parks' }));
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect(await desk.all()).toHaveLength(2);
    // As after a restore of the tables: nothing tells what this device was given.
    const { devices } = backend.world.ports;
    await devices.remember('olga', 'desk', await devices.remembered('olga', 'desk'), []);
    Object.assign(desk.who, { claims: officer('olga', 'roads'), isForgotten: true });
    await desk.synced();
    expect(await desk.all()).toMatchObject([{ entity_id: 'r-1' }]);
  });

  it('does what the example says, by itself', async () => {
    const database = await createRxDatabase({ name: `rx${++names}`, storage: getRxStorageMemory(), multiInstance: false });
    databases.push(database);
    const said: string[] = [];
    const api = { baseUrl: 'http://backend.invalid', token: async () => tokenOf(citizen('alice')), deviceId: 'phone', network: backend.network() };
    const { reports, replication } = await openReports(database, api, (text) => said.push(text));
    await replication.awaitInitialReplication();
    await reports.insert(report('r-1', 'Pothole'));
    await reports.insert(report('r-2', ' '));
    await expect.poll(() => said.length).toBe(1);
    await replication.awaitInSync();
    replication.reSync();
    await expect.poll(async () => (await reports.find().exec()).map((doc) => [doc.primary, doc.get('version') as unknown])).toEqual([['r-1', 1]]);
    await replication.cancel();
  });
});
