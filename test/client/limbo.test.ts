import { expect, it } from 'vitest';
import { officer } from '../support/world.ts';
import { Backend } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';

const OLGA = officer('olga', 'roads');

it('a count whose answer was lost is not shown twice when the download brings it first (P8)', async () => {
  const backend = new Backend();
  const phone = new Device(backend, OLGA, 'phone');
  const { entity_id: id } = await phone.sync.create('task', { department: 'roads', title: 'Fill the hole' });
  await phone.synced();
  const shown: unknown[] = [];
  const stop = phone.sync.watchOne('task', id, (task) => shown.push(task?.['visits']));
  await phone.sync.update('task', id, { visits: { $inc: 1 } });
  let uploads = 0;
  // The upload took effect; a gateway said 500 all the same.
  backend.fate = ({ path }) => (path.endsWith('/upload') && uploads++ === 0 ? 500 : 'well');
  expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'server' });
  expect(await phone.sync.get('task', id)).toMatchObject({ visits: 1, version: 2, sync_status: 'synced' });
  await phone.synced();
  expect(await phone.sync.get('task', id)).toMatchObject({ visits: 1 });
  stop();
  expect(shown.filter((visits) => Number(visits) > 1)).toEqual([]);
});
