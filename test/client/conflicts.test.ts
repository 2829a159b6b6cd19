import { beforeEach, describe, expect, it } from 'vitest';
import type { SyncOptions } from '../../client/src/options.ts';
import { mergeByRules } from '../../client/src/merge-by-rules.ts';
import { compareLines } from '../../src/adapters/diff3/compare-lines.ts';
import { civic } from '../../src/domain/civic.ts';
import { citizen } from '../support/world.ts';
import { Backend } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';

let backend: Backend;
let phone: Device;
let tablet: Device;
let id: string;

beforeEach(async () => {
  backend = new Backend();
  phone = new Device(backend, citizen('alice'), 'phone');
  tablet = new Device(backend, citizen('alice'), 'tablet');
  id = (await phone.sync.create('report', { title: 'Pothole', category: 'roads', description: 'a\nb' })).entity_id;
  await phone.synced();
  await tablet.synced();
});

/** Both devices change the same; the tablet's arrives first. */
async function clash(mine: Record<string, string>, theirs: Record<string, string>): Promise<void> {
  await tablet.sync.update('report', id, theirs);
  await phone.sync.update('report', id, mine);
  await tablet.synced();
  await phone.synced();
}

describe('a conflict', () => {
  it('is listed with both sides and shown by the status; the screen shows the server’s side', async () => {
    await clash({ title: 'Mine', category: 'parks' }, { title: 'Theirs' });
    expect(await phone.sync.get('report', id)).toMatchObject({ title: 'Theirs', category: 'parks', sync_status: 'synced' });
    const [open] = await phone.sync.conflicts.list();
    expect(open?.conflict).toMatchObject({ entity_id: id, conflicting_fields: ['title'], base_data: { title: 'Pothole' }, client_data: { title: 'Mine' }, server_data: { title: 'Theirs' } });
    expect(await phone.sync.status.get()).toMatchObject({ pending: 0, conflicts: 1, health: 'conflicts' });
  });

  it('is decided offline, and settled everywhere once the network is back', async () => {
    await clash({ title: 'Mine' }, { title: 'Theirs' });
    phone.offline = true;
    const [open] = await phone.sync.conflicts.list();
    await phone.sync.conflicts.resolve(open?.conflict.id ?? '', { strategy: 'client_wins' });
    expect(await phone.sync.conflicts.list()).toMatchObject([{ decided: { strategy: 'client_wins' } }]);
    expect(await phone.sync.status.get()).toMatchObject({ pending: 1, conflicts: 0 });
    expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'offline' });
    phone.offline = false;
    await phone.synced();
    await tablet.synced();
    for (const device of [phone, tablet]) {
      expect(await device.sync.get('report', id)).toMatchObject({ title: 'Mine' });
      expect(await device.sync.conflicts.list()).toEqual([]);
    }
    expect(await phone.sync.status.get()).toMatchObject({ pending: 0, health: 'good' });
  });

  it('that changed since it was shown is shown again, and not decided blindly (P4)', async () => {
    await clash({ title: 'Mine' }, { title: 'Theirs' });
    await tablet.sync.update('report', id, { title: 'Theirs, again' });
    await tablet.synced();
    const refused: string[] = [];
    phone.sync.on('decision_refused', ({ code }) => refused.push(code));
    const [open] = await phone.sync.conflicts.list();
    await phone.sync.conflicts.resolve(open?.conflict.id ?? '', { strategy: 'client_wins' });
    await phone.synced();
    expect(refused).toEqual(['conflict_changed']);
    const [again] = await phone.sync.conflicts.list();
    expect(again).toMatchObject({ conflict: { server_data: { title: 'Theirs, again' } }, fault: { code: 'conflict_changed' } });
    await phone.sync.conflicts.resolve(again?.conflict.id ?? '', { strategy: 'manual', data: { title: 'Ours' } });
    await phone.synced();
    expect(await phone.sync.get('report', id)).toMatchObject({ title: 'Ours' });
  });

  it('that another device settled is gone here too', async () => {
    await clash({ title: 'Mine' }, { title: 'Theirs' });
    tablet.restart();
    await tablet.synced();
    const [open] = await tablet.sync.conflicts.list();
    await tablet.sync.conflicts.resolve(open?.conflict.id ?? '', { strategy: 'client_wins' });
    await tablet.synced();
    await phone.synced();
    expect(await phone.sync.conflicts.list()).toEqual([]);
    expect(await phone.sync.get('report', id)).toMatchObject({ title: 'Mine' });
  });

  it('is settled by the strategy of its type without asking', async () => {
    const { report } = civic.types;
    const wins: Partial<SyncOptions> = { domain: { types: { ...civic.types, ...(report && { report: { ...report, strategy: 'client_wins' as const } }) } } };
    phone.restart(wins);
    await clash({ title: 'Mine' }, { title: 'Theirs' });
    expect(await phone.sync.get('report', id)).toMatchObject({ title: 'Mine' });
    expect(await phone.sync.conflicts.list()).toEqual([]);
  });

  it('is merged on the phone by a hook, with the engine’s own rules', async () => {
    phone.restart({ onConflict: (conflict) => mergeByRules(civic, conflict, compareLines) });
    await clash({ description: 'a\nb, mine' }, { description: 'a, theirs\nb' });
    expect(await phone.sync.get('report', id)).toMatchObject({ description: 'a, theirs\nb, mine' });
    expect(await phone.sync.conflicts.list()).toEqual([]);
    expect(await phone.sync.status.get()).toMatchObject({ pending: 0, health: 'good' });
  });

  it('of an edit and a delete keeps the edit to be decided', async () => {
    await tablet.sync.delete('report', id);
    await phone.sync.update('report', id, { title: 'Still there' });
    await tablet.synced();
    await phone.synced();
    expect(await phone.sync.get('report', id)).toBeUndefined();
    const [open] = await phone.sync.conflicts.list();
    expect(open?.conflict).toMatchObject({ kind: 'update_delete', server_deleted: true, client_data: { title: 'Still there' } });
    await phone.sync.conflicts.resolve(open?.conflict.id ?? '', { strategy: 'client_wins' });
    await phone.synced();
    expect(await phone.sync.get('report', id)).toMatchObject({ title: 'Still there' });
  });
});
