import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Sync } from '../../client/src/create-sync.ts';
import { readOne } from '../../client/src/read.ts';
import { outboxRows } from '../../client/src/rows.ts';
import type { Store } from '../../client/src/store.ts';
import { memoryStore } from '../../client/stores/memory.ts';
import { civic } from '../../src/domain/civic.ts';
import { officer } from '../support/world.ts';
import { Backend, type Fate } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';
import { Killable, Killed } from '../support/client/killable.ts';

const OLGA = officer('olga', 'roads');
const RUNS = Number(process.env['FIELDSYNC_CLIENT_RUNS'] ?? 40);

/** What happens next. `tab`: which of two tabs on one disk. */
type Step =
  | { do: 'visit' | 'note' | 'create' | 'remove' | 'sync' | 'both sync'; tab: 0 | 1; pick: number }
  | { do: 'fate'; fates: Fate[]; only: '/upload' | '/download' | '' }
  | { do: 'work'; working: boolean }
  | { do: 'desk' }
  | { do: 'kill'; after: number; when: 'before' | 'after' }
  | { do: 'forget the cursor' }
  | { do: 'time'; ms: number };

const tab = fc.constantFrom<0 | 1>(0, 1);
const own = (kind: 'visit' | 'note' | 'create' | 'remove' | 'sync' | 'both sync') => fc.record({ do: fc.constant(kind), tab, pick: fc.nat(5) });
const fate = fc.constantFrom<Fate>('well', 'lost', 'unanswered', 500, 500, 503, 404, 200);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: own('visit') },
  { weight: 3, arbitrary: own('note') },
  { weight: 2, arbitrary: own('create') },
  { weight: 1, arbitrary: own('remove') },
  { weight: 5, arbitrary: own('sync') },
  { weight: 3, arbitrary: own('both sync') },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fate' as const), fates: fc.array(fate, { maxLength: 4 }), only: fc.constantFrom('/upload' as const, '/download' as const, '' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('work' as const), working: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('desk' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), after: fc.integer({ min: 1, max: 12 }), when: fc.constantFrom('before' as const, 'after' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget the cursor' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 1000, max: 400_000 }) }) },
);

async function walk(steps: readonly Step[]): Promise<void> {
  const backend = new Backend({ seed: 7 });
  const desk = new Device(backend, OLGA, 'desk');
  const { entity_id: id } = await desk.sync.create('task', { department: 'roads', title: 'Fill the hole', notes: 'a' });
  await desk.synced();
  const kills = new Killable();
  const phone = new Device(backend, OLGA, 'phone');
  await phone.synced();
  let tabs: [Sync, Sync] = [phone.sync, phone.sync];
  const reopen = () => {
    // One life for both: they are tabs of one browser.
    const store = kills.wrap(memoryStore(phone.disk));
    const other = { ...memoryStore(phone.disk), transact: store.transact };
    tabs = [phone.tabOn(store), phone.tabOn(other)];
  };
  let shown = 0;
  kills.afterEach = async (store: Store) => {
    const visits = Number((await store.transact((tx) => readOne(tx, civic, 'task', id)))?.['visits'] ?? 0);
    if (visits < shown) throw new Error(`the screen went back from ${shown} to ${visits}`);
    shown = visits;
  };
  reopen();
  let visits = 0;
  const raw = memoryStore(phone.disk);
  const seq = () => raw.transact(async (tx) => (await tx.get('m/seq')) as number | undefined);
  const survive = async (work: () => Promise<unknown>) => {
    const before = await seq();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      kills.spare();
      reopen();
      // The dead tab's lease ends.
      await backend.world.clock.advance(21_000);
    }
    return (await seq()) !== before;
  };
  const reports = async () => (await raw.transact(outboxRows)).filter(({ op }) => op === 'create').map(({ entityId }) => entityId);

  for (const now of steps) {
    switch (now.do) {
      case 'visit':
        if (await survive(() => tabs[now.tab].update('task', id, { visits: { $inc: 1 } }))) visits++;
        break;
      case 'note':
        await survive(() => tabs[now.tab].update('task', id, { notes: `note ${now.pick}` }, { strategy: 'client_wins' }));
        break;
      case 'create':
        await survive(() => tabs[now.tab].create('report', { title: `Report ${now.pick}`, category: 'roads' }));
        break;
      case 'remove': {
        const [first] = await reports();
        if (first !== undefined) await survive(() => tabs[now.tab].delete('report', first));
        break;
      }
      case 'sync':
        await survive(() => tabs[now.tab].sync());
        break;
      case 'both sync':
        await survive(() => Promise.all(tabs.map((each) => each.sync().catch((error: unknown) => error))).then((ends) => {
          const killed = ends.find((end) => end instanceof Error);
          if (killed) throw killed;
        }));
        break;
      case 'fate': {
        const fates = [...now.fates];
        backend.fate = ({ path }) => (path.endsWith(now.only) ? (fates.shift() ?? 'well') : 'well');
        break;
      }
      case 'work':
        backend.working = now.working;
        break;
      case 'desk': {
        const { fate: before, working } = backend;
        Object.assign(backend, { fate: () => 'well', working: true });
        await desk.sync.update('task', id, { visits: { $inc: 1 } });
        visits++;
        await desk.sync.sync();
        Object.assign(backend, { fate: before, working });
        break;
      }
      case 'kill':
        kills.killAt(now.after, now.when);
        break;
      case 'forget the cursor':
        await raw.transact(async (tx) => {
          if ((await tx.get('m/cursor')) !== undefined) await tx.put('m/cursor', 'AAAA');
        });
        break;
      case 'time':
        await backend.world.clock.advance(now.ms);
        break;
    }
  }

  Object.assign(backend, { fate: () => 'well', working: true });
  kills.spare();
  reopen();
  await backend.world.heal();
  for (let i = 0; i < 4; i++) {
    await backend.world.clock.advance(60_000);
    await tabs[0].sync();
    await desk.sync.sync();
  }
  const fresh = new Device(backend, OLGA, 'fresh');
  await fresh.synced();
  for (const type of ['task', 'report']) {
    const all = await fresh.sync.list(type);
    expect(await tabs[0].list(type)).toEqual(all);
    expect(await tabs[1].list(type)).toEqual(all);
    expect(await desk.sync.list(type)).toEqual(all);
  }
  expect(await fresh.sync.get('task', id)).toMatchObject({ visits });
  expect(await raw.transact(outboxRows)).toEqual([]);
  expect(await tabs[0].rejected.list()).toEqual([]);
  expect(backend.overlaps).toEqual([]);
}

it('two tabs of a phone lose nothing, do nothing twice and never show less, whatever happens (P1, P2, P6, P8)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), walk),
    { numRuns: RUNS, ...(process.env['FIELDSYNC_CLIENT_SEED'] ? { seed: Number(process.env['FIELDSYNC_CLIENT_SEED']) } : {}) },
  );
});
