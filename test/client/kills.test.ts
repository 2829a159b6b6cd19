import { describe, expect, it } from 'vitest';
import { readOne } from '../../client/src/read.ts';
import { outboxRows } from '../../client/src/rows.ts';
import { memoryStore } from '../../client/stores/memory.ts';
import { civic } from '../../src/domain/civic.ts';
import { officer } from '../support/world.ts';
import { Backend } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';
import { Killable, Killed } from '../support/client/killable.ts';

const OLGA = officer('olga', 'roads');
const NEVER = 0;

type Kill = { at: number; when: 'before' | 'after'; lossy: boolean };

/** A phone lives through a script, and is killed once meanwhile. Gives the transactions that there were. */
async function live(kill: Kill): Promise<number> {
  const backend = new Backend({ seed: 1 });
  const desk = new Device(backend, OLGA, 'desk');
  const { entity_id: id } = await desk.sync.create('task', { department: 'roads', title: 'Fill the hole' });
  await desk.synced();
  const kills = new Killable();
  const phone = new Device(backend, OLGA, 'phone', { wrap: (store) => kills.wrap(store) });
  await phone.synced();
  let uploads = 0;
  backend.fate = ({ path }) => (kill.lossy && path.endsWith('/upload') && uploads++ % 2 === 0 ? 'unanswered' : 'well');
  let shown = 0;
  kills.afterEach = async (store) => {
    const visits = Number((await store.transact((tx) => readOne(tx, civic, 'task', id)))?.['visits'] ?? 0);
    if (visits < shown) throw new Error(`the screen went back from ${shown} to ${visits}`);
    shown = visits;
  };

  const visit = () => phone.sync.update('task', id, { visits: { $inc: 1 }, notes: 'Seen.' });
  const steps = [
    visit,
    () => phone.sync.sync(),
    () => phone.sync.create('report', { title: 'Crack', category: 'roads' }, { entityId: 'crack' }),
    visit,
    () => phone.sync.update('report', 'crack', { tags: { $add: ['deep'] } }),
    () => phone.sync.sync(),
    visit,
    () => phone.sync.delete('report', 'crack'),
    () => phone.sync.sync(),
  ];
  const begun = kills.count;
  if (kill.at !== NEVER) kills.killAt(kill.at, kill.when);
  for (const step of steps) {
    const before = await lastSeq(phone);
    try {
      await step();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      phone.restart();
      // Nobody told the user that it is saved: they look, and do it again if it is not.
      if (step !== steps[1] && step !== steps[5] && step !== steps[8] && (await lastSeq(phone)) === before) await step();
    }
  }
  const transactions = kills.count - begun;
  for (let i = 0; i < 5; i++) {
    await backend.world.clock.advance(20_000);
    await phone.sync.sync();
  }
  await phone.synced();
  await desk.synced();
  const fresh = new Device(backend, OLGA, 'fresh');
  await fresh.synced();
  for (const type of ['task', 'report']) {
    expect(await phone.sync.list(type)).toEqual(await fresh.sync.list(type));
    expect(await desk.sync.list(type)).toEqual(await fresh.sync.list(type));
  }
  expect(await fresh.sync.list('task')).toMatchObject([{ visits: 3, notes: 'Seen.' }]);
  expect(await fresh.sync.list('report')).toEqual([]);
  const left = { waiting: await phone.sync.outbox.list(), refused: await phone.sync.rejected.list(), asked: await phone.sync.conflicts.list() };
  expect(left).toEqual({ waiting: [], refused: [], asked: [] });
  expect(await memoryStore(phone.disk).transact(outboxRows)).toEqual([]);
  expect(backend.overlaps).toEqual([]);
  return transactions;
}

/** Grows with every action that is in the outbox for good. */
async function lastSeq({ disk }: Device): Promise<unknown> {
  return memoryStore(disk).transact((tx) => tx.get('m/seq'));
}

describe.each([false, true])('an app that is killed, over a network that loses every other answer: %s', (lossy) => {
  it.each(['before', 'after'] as const)('just %s any of its transactions loses nothing, does nothing twice and never shows less (P1, P2)', async (when) => {
    const transactions = await live({ at: NEVER, when, lossy });
    expect(transactions).toBeGreaterThan(20);
    for (let at = 1; at <= transactions; at++) {
      await live({ at, when, lossy }).catch((error: unknown) => {
        throw new Error(`killed ${when} transaction ${at} of ${transactions}: ${String(error)}`, { cause: error });
      });
    }
  });
});
