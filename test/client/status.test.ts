import { beforeEach, describe, expect, it } from 'vitest';
import type { SyncStatusReport } from '../../client/src/status.ts';
import type { Store } from '../../client/src/store.ts';
import { Backend } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';
import { citizen } from '../support/world.ts';

let backend: Backend;
let phone: Device;
/** How often the records of a type were read. */
let reads: number;

function counting(store: Store): Store {
  return {
    ...store,
    transact: (body) =>
      store.transact((tx) =>
        body({
          ...tx,
          scan(prefix) {
            if (prefix === 'r/report/') reads++;
            return tx.scan(prefix);
          },
        }),
      ),
  };
}

beforeEach(() => {
  reads = 0;
  backend = new Backend();
  phone = new Device(backend, citizen('alice'), 'phone', { wrap: counting });
});

/** What is told from now on, with what was told at once. */
async function told(): Promise<SyncStatusReport[]> {
  const reports: SyncStatusReport[] = [];
  phone.sync.status.watch((report) => reports.push(report));
  await expect.poll(() => reports.length).toBe(1);
  return reports;
}

describe('the status', () => {
  it('says that a cycle runs, also if it finds nothing, and that it is over', async () => {
    await phone.synced();
    const reports = await told();
    await phone.synced();
    await expect.poll(() => reports.at(-1)?.syncing).toBe(false);
    expect(reports.map(({ syncing }) => syncing)).toEqual([false, true, false]);
    expect(reports.at(-1)).toMatchObject({ online: true, pending: 0, health: 'good', progress: null });
  });

  it('tells of an edit that waits, of no network, and of both being over', async () => {
    await phone.synced();
    const reports = await told();
    phone.offline = true;
    await phone.sync.create('report', { title: 'Pothole', category: 'roads' });
    await phone.sync.sync();
    await expect.poll(() => reports.at(-1)).toMatchObject({ online: false, pending: 1, syncing: false });
    phone.offline = false;
    await phone.synced();
    await expect.poll(() => reports.at(-1)).toMatchObject({ online: true, pending: 0, syncing: false, lastSync: expect.any(String) });
  });

  it('does not make lists be read again while a cycle finds nothing', async () => {
    await phone.sync.create('report', { title: 'Pothole', category: 'roads' });
    await phone.synced();
    const lists: unknown[][] = [];
    phone.sync.watch('report', {}, (list) => lists.push(list));
    await expect.poll(() => lists.length).toBe(1);
    reads = 0;
    await phone.synced();
    await told();
    expect(reads).toBeLessThanOrEqual(1);
    expect(lists).toHaveLength(1);
  });
});
