import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { Sync } from '@fieldsync/client';
import { conflictScreens, myReports, openData, watchIndicator } from '../../../examples/reports/data.ts';
import { openDatabase } from '../../../examples/node-script/open-database.ts';
import { SyncManager, type Database } from '../../../examples/plain-http/sync-manager.ts';
import { buildClient } from '../../../tools/build-client.ts';
import { ROOT } from '../../support/documents.ts';
import { again, citizen, fresh, tokenFor } from '../../support/people.ts';

let folder: string;

const network = vi.hoisted(() => ({ listeners: [] as ((state: { isConnected: boolean }) => void)[] }));

// Expo is not here: what the example uses of it is Node's own.
vi.mock('expo-sqlite', () => ({ openDatabaseAsync: (name: string) => openDatabase(join(folder, name)) }));
vi.mock('expo-crypto', () => ({ randomUUID: () => crypto.randomUUID() }));
vi.mock('expo-network', () => ({
  addNetworkStateListener: (listener: (state: { isConnected: boolean }) => void) => {
    network.listeners.push(listener);
    return { remove: () => {} };
  },
}));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldsync-examples-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the example of an Expo app', () => {
  it('shows reports, an indicator and a conflict, by itself', async () => {
    const sub = fresh('alice');
    const token = await tokenFor({ sub, role: 'citizen' });
    const open = (deviceId: string): Sync => openData({ id: `${sub}-${deviceId}`, deviceId, token: async () => token }, inject('stack').url);
    const phone = open('phone');
    const tablet = open('tablet');
    try {
      const shown: string[][] = [];
      const said: string[] = [];
      myReports(phone).watch((reports) => shown.push(reports.map(({ title }) => title)));
      watchIndicator(phone, (text) => said.push(text));
      const { entity_id: id } = await myReports(phone).report({ title: 'Pothole', category: 'roads' });
      await expect.poll(() => said.at(-1), { timeout: 20_000 }).toBe('All saved');
      expect(shown.at(-1)).toEqual(['Pothole']);
      await expect.poll(async () => (await tablet.sync(), tablet.list('report')), { timeout: 20_000 }).toHaveLength(1);
      // Without a network the phone can't hear of the tablet's change before its own.
      const reach = globalThis.fetch;
      vi.stubGlobal('fetch', (url: string, request: RequestInit) => {
        if (/device_id["=:]+phone/.test(`${url} ${String(request.body)}`)) return Promise.reject(new TypeError('no network'));
        return reach(url, request);
      });
      await myReports(tablet).rename(id, 'Deep pothole');
      await expect.poll(async () => (await tablet.sync(), (await tablet.status.get()).pending), { timeout: 20_000 }).toBe(0);
      await myReports(phone).rename(id, 'Two potholes');
      await expect.poll(() => said.at(-1), { timeout: 20_000 }).toBe('1 waiting for a network');
      vi.unstubAllGlobals();
      for (const listener of network.listeners) listener({ isConnected: true });
      await expect.poll(() => said.at(-1), { timeout: 20_000 }).toBe('1 to decide');
      const [screen] = await conflictScreens(phone);
      expect(screen?.fields).toEqual([{ field: 'title', mine: 'Two potholes', theirs: 'Deep pothole' }]);
      await screen?.keepMine();
      await expect.poll(() => [said.at(-1), shown.at(-1)], { timeout: 20_000 }).toEqual(['All saved', ['Two potholes']]);
    } finally {
      vi.unstubAllGlobals();
      await phone.close();
      await tablet.close();
    }
  });
});

describe('the example of a Node script', () => {
  it('runs against the built package, and sends later what it could not send', async () => {
    const app = join(folder, 'app');
    const installed = join(app, 'node_modules/@fieldsync/client');
    mkdirSync(installed, { recursive: true });
    await buildClient(join(installed, 'dist'));
    writeFileSync(join(installed, 'package.json'), readFileSync(join(ROOT, 'client/package.json')));
    writeFileSync(join(app, 'package.json'), '{"type":"module"}');
    cpSync(join(ROOT, 'examples'), join(app, 'examples'), { recursive: true });
    const token = await tokenFor({ sub: fresh('sensor'), role: 'citizen' });
    const run = async (url: string, ...args: string[]) => {
      const env = { ...process.env, FIELDSYNC_URL: url, FIELDSYNC_TOKEN: token, FIELDSYNC_DB: join(app, 'reports.db'), FIELDSYNC_DEVICE: 'sensor-1' };
      const { stdout } = await promisify(execFile)(process.execPath, ['examples/node-script/main.ts', ...args], { cwd: app, env });
      return JSON.parse(stdout) as unknown;
    };
    expect(await run('http://127.0.0.1:9', 'Water on the road')).toEqual({ ok: false, pending: 1, titles: ['Water on the road'] });
    expect(await run(inject('stack').url, 'Ice on the road')).toMatchObject({ ok: true, titles: ['Ice on the road', 'Water on the road'] });
  });
});

describe('the SyncManager over plain HTTP', () => {
  it('does what a phone must do: ids, pages, conflicts, refusals, deletions, a reset', async () => {
    const alice = await citizen();
    const token = await tokenFor({ sub: alice.sub, role: 'citizen' });
    const db: Database = await openDatabase(join(folder, 'plain.db'));
    const manager = new SyncManager(db, inject('stack').url, async () => token, 'plain');
    await manager.open();
    const titles = async () => (await db.getAllAsync<{ title: string }>("SELECT record ->> 'title' AS title FROM records ORDER BY title", [])).map(({ title }) => title);
    const queue = () => db.getAllAsync<{ status: string }>('SELECT status FROM sync_queue', []);
    const settled = async () => {
      await expect.poll(async () => (await manager.sync(), queue()), { timeout: 20_000 }).toEqual([]);
      await manager.sync();
    };

    const id = await manager.createReport({ title: 'Pothole', category: 'roads' });
    await manager.updateReport(id, { description: 'Deep' });
    const others = await Promise.all(Array.from({ length: 3 }, (_, i) => manager.createReport({ title: `Lamp ${i}`, category: 'roads' })));
    expect(new Set([id, ...others]).size).toBe(4);
    await settled();
    expect(await titles()).toEqual(['Lamp 0', 'Lamp 1', 'Lamp 2', 'Pothole']);

    // Another device of the same user changes the same, and deletes something.
    const tablet = (await again(alice, { role: 'citizen' })).phone({ deviceId: 'tablet' });
    await tablet.sync();
    tablet.edit('report', id, { title: 'Theirs' });
    tablet.delete('report', others[0] ?? '');
    await tablet.sync();
    await manager.updateReport(id, { title: 'Mine' });
    await manager.createReport({ title: ' ', category: 'roads' });
    await settled();
    expect(await titles()).toEqual(['Lamp 1', 'Lamp 2', 'Theirs']);
    const refused = await db.getAllAsync<{ status: string }>('SELECT status FROM refused ORDER BY status', []);
    expect(refused.map(({ status }) => status)).toEqual(['conflict', 'rejected']);

    // A cursor that the server does not know: everything afresh, the queue kept.
    await db.runAsync("UPDATE place SET cursor = 'AAAA'", []);
    await db.runAsync("INSERT INTO records SELECT collection, 'stale', scope, home, version, record FROM records LIMIT 1", []);
    await manager.createReport({ title: 'Kept', category: 'roads' });
    await settled();
    expect(await titles()).toEqual(['Kept', 'Lamp 1', 'Lamp 2', 'Theirs']);
  });
});
