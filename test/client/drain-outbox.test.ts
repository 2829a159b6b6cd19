import { beforeEach, expect, it } from 'vitest';
import { moveOver, type Models } from '../../examples/amplify/drain-outbox.ts';
import { Backend } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';
import { citizen } from '../support/world.ts';

const MODELS: Models = {
  Report: { type: 'report', fieldsOf: ({ title, category, description }) => ({ title, category, description }) },
};

let backend: Backend;

beforeEach(() => {
  backend = new Backend();
});

/** The storage of DataStore 5 for React Native with these mutations, the newest first, and DataStore itself. */
function oldApp(mutations: [model: string, operation: string, data: { id: string } & Record<string, unknown>][]) {
  const entries = mutations.map(([model, operation, data], i): [string, string] => [
    `@AmplifyDatastore::sync_MutationEvent::Data::01J${i}::m-${i}`,
    JSON.stringify({ id: `m-${i}`, model, modelId: data.id, operation, condition: '{}', data: JSON.stringify({ _version: 1, _lastChangedAt: 1, ...data }) }),
  ]);
  const storage = new Map([...entries.reverse(), ['@AmplifyDatastore::user_Report::Data::01J0::r-new', '{"id":"r-new","title":"Pothole"}']]);
  const calls: string[] = [];
  let killed = false;
  return {
    calls,
    storage: {
      getAllKeys: async () => [...storage.keys()],
      getItem: async (key: string) => storage.get(key) ?? null,
      removeItem: async (key: string) => void (killed || storage.delete(key)),
    },
    /** What happens after an edit of the SDK no longer does. */
    kill: (is: boolean) => void (killed = is),
    dataStore: { stop: async () => void calls.push('stop'), clear: async () => void calls.push('clear') },
  };
}

it('an old outbox of Amplify DataStore is done again in its order, once', async () => {
  const before = new Device(backend, citizen('alice'), 'before');
  for (const entityId of ['r-old', 'r-gone']) await before.sync.create('report', { title: entityId, category: 'roads' }, { entityId });
  await before.synced();
  const phone = new Device(backend, citizen('alice'), 'phone');
  const { dataStore, storage, calls, kill } = oldApp([
    ['Report', 'CREATE', { id: 'r-new', title: 'Pothole', category: 'roads' }],
    ['Report', 'UPDATE', { id: 'r-old', description: 'Deep' }],
    ['Report', 'DELETE', { id: 'r-gone' }],
  ]);
  const move = () => moveOver(dataStore, storage, phone.sync, MODELS);
  const waiting = async () => (await phone.sync.outbox.list()).map(({ op, entityId }) => [op, entityId]);

  phone.offline = true;
  expect(await move()).toHaveLength(3);
  expect([calls, await waiting()]).toEqual([['stop'], []]);
  phone.offline = false;
  kill(true);
  await move();
  expect(await waiting()).toEqual([['create', 'r-new'], ['update', 'r-old'], ['delete', 'r-gone']]);
  // Killed before it is noted as moved: the same again, which changes nothing.
  kill(false);
  phone.restart();
  expect(await move()).toEqual([]);
  expect(await waiting()).toEqual([]);
  expect(await storage.getAllKeys()).toHaveLength(1);
  expect(calls.at(-1)).toBe('clear');
  expect(await phone.sync.list('report')).toMatchObject([{ entity_id: 'r-old', description: 'Deep' }, { entity_id: 'r-new', title: 'Pothole' }]);
  expect(await phone.sync.conflicts.list()).toEqual([]);
  expect(await phone.sync.rejected.list()).toEqual([]);
});

it('what can not be moved from DataStore is told, and DataStore keeps it', async () => {
  const phone = new Device(backend, citizen('alice'), 'phone');
  const { dataStore, storage, calls } = oldApp([
    ['Report', 'UPDATE', { id: 'r-nowhere', title: 'x' }],
    ['Comment', 'CREATE', { id: 'c-1' }],
    ['Report', 'CREATE', { id: 'r-1', title: 'Pothole', category: 'roads' }],
  ]);
  expect((await moveOver(dataStore, storage, phone.sync, MODELS)).map(({ modelId }) => modelId)).toEqual(['r-nowhere', 'c-1']);
  expect(calls).toEqual(['stop']);
  expect(await phone.sync.list('report')).toMatchObject([{ entity_id: 'r-1' }]);
});

it('what DataStore had sent without hearing the answer is there once, and asks if somebody changed it since', async () => {
  const tablet = new Device(backend, citizen('alice'), 'tablet');
  await tablet.sync.create('report', { title: 'Pothole', category: 'roads' }, { entityId: 'r-new' });
  await tablet.synced();
  await tablet.sync.update('report', 'r-new', { title: 'Deep pothole' });
  await tablet.synced();
  const phone = new Device(backend, citizen('alice'), 'phone');
  const { dataStore, storage } = oldApp([['Report', 'CREATE', { id: 'r-new', title: 'Pothole', category: 'roads' }]]);
  await moveOver(dataStore, storage, phone.sync, MODELS);
  await phone.synced();
  expect(await phone.sync.list('report')).toMatchObject([{ title: 'Deep pothole' }]);
  expect(await phone.sync.conflicts.list()).toMatchObject([{ conflict: { kind: 'create_create', client_data: { title: 'Pothole' } } }]);
});
