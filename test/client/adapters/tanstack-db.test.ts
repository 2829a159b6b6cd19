import { beforeEach, describe, expect, it } from 'vitest';
import { openReports } from '../../../examples/libraries/tanstack-db.ts';
import { citizen } from '../../support/world.ts';
import { Backend } from '../../support/client/backend.ts';
import { Device } from '../../support/client/device.ts';

let backend: Backend;
let phone: Device;

beforeEach(() => {
  backend = new Backend();
  phone = new Device(backend, citizen('alice'), 'phone');
});

const reportsOf = (device: Device) => openReports(device.sync);

describe('a collection of TanStack DB over Fieldsync', () => {
  it('shows mutations at once, keeps them offline, and syncs them', async () => {
    const reports = reportsOf(phone);
    await reports.preload();
    phone.offline = true;
    const inserted = reports.insert({ entity_id: 'r-1', title: 'Pothole', category: 'roads' });
    expect(reports.get('r-1')).toMatchObject({ title: 'Pothole' });
    await inserted.isPersisted.promise;
    expect(reports.get('r-1')).toMatchObject({ title: 'Pothole', sync_status: 'pending', status: 'received' });
    await reports.update('r-1', (draft) => {
      draft.title = 'Deep pothole';
    }).isPersisted.promise;
    expect(await phone.sync.outbox.list()).toHaveLength(2);
    phone.offline = false;
    await phone.synced();
    await expect.poll(() => reports.get('r-1')).toMatchObject({ title: 'Deep pothole', sync_status: 'synced', id: expect.any(Number) });
    await reports.delete('r-1').isPersisted.promise;
    expect(reports.size).toBe(0);
    await phone.synced();
    expect(await phone.sync.list('report')).toEqual([]);
  });

  it('shows what others did', async () => {
    const reports = reportsOf(phone);
    await reports.preload();
    const tablet = new Device(backend, citizen('alice'), 'tablet');
    await tablet.sync.create('report', { title: 'By the tablet', category: 'roads' }, { entityId: 'r-9' });
    await tablet.synced();
    await phone.synced();
    await expect.poll(() => [...reports.values()].map(({ title }) => title)).toEqual(['By the tablet']);
    await tablet.sync.delete('report', 'r-9');
    await tablet.synced();
    await phone.synced();
    await expect.poll(() => reports.size).toBe(0);
  });

  it('never shows an older state between a mutation and its sync', async () => {
    const reports = reportsOf(phone);
    await reports.preload();
    await reports.insert({ entity_id: 'r-1', title: 'v0', category: 'roads' }).isPersisted.promise;
    const seen: string[] = [];
    const watching = reports.subscribeChanges((changes) => {
      for (const { value } of changes) seen.push(value.title);
    });
    for (let i = 1; i <= 5; i++) {
      const edit = reports.update('r-1', (draft) => {
        draft.title = `v${i}`;
      });
      if (i % 2 === 0) await phone.synced();
      await edit.isPersisted.promise;
    }
    await phone.synced();
    await expect.poll(() => reports.get('r-1')).toMatchObject({ title: 'v5', sync_status: 'synced' });
    watching.unsubscribe();
    expect(seen.filter((title, i) => i > 0 && title < (seen[i - 1] ?? ''))).toEqual([]);
  });
});
