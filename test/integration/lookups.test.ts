import { describe, expect, it, vi } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { lookupActions } from '../../src/service/lookup.ts';
import { overtaken } from '../support/faults.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

describe('many edits of one record in an upload', () => {
  it('look their record up once, also when they name it by the id that the server gave', async () => {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'a' });
    const id = phone.create('report', { title: 'Pothole', category: 'roads' }).client_id;
    await phone.push();
    await world.settle();
    await phone.sync();
    const [record] = phone.holdings.all();
    const alias = vi.spyOn(world.deps.entities, 'alias');
    for (const title of ['Deep pothole', 'Wide pothole', 'Long pothole']) phone.edit('report', id, { title }, { entity_id: Number(record?.id) });
    await phone.push();
    expect(alias.mock.calls.length).toBe(1);
    await world.settle();
    await phone.sync();
    expect(phone.holdings.all()).toMatchObject([{ title: 'Long pothole' }]);
  });
});

describe('an action that another device of the user sent', () => {
  const prepare = async () => {
    const world = createWorld();
    const old = world.phone(ALICE, { deviceId: 'old' });
    const id = old.create('report', { title: 'Pothole', category: 'roads' }).client_id;
    await old.push();
    return { world, id };
  };

  it('is never answered as unknown, from its acceptance on (P1)', async () => {
    const { world, id } = await prepare();
    expect(await world.results(ALICE, 'new', [id, 'never-sent'])).toMatchObject([{ status: 'queued' }, { status: 'unknown' }]);
    expect(await world.results(citizen('bob'), 'new', [id])).toMatchObject([{ status: 'unknown' }]);
    await world.settle();
    expect(await world.results(ALICE, 'new', [id, 'never-sent'])).toMatchObject([{ status: 'success' }, { status: 'unknown' }]);
  });

  it('nor while a worker finishes it, whenever that is', async () => {
    for (let at = 0, within = true; within; at++) {
      const { world, id } = await prepare();
      within = false;
      const deps = overtaken(world.deps, at, () => {
        within = true;
        return world.settle();
      });
      const { results } = await lookupActions(deps, actorOf(civic, ALICE), 'new', [id]);
      expect(results.map(({ status }) => status), `finished before call ${at}`).not.toEqual(['unknown']);
    }
  });
});
