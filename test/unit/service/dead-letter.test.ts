import { describe, expect, test } from 'vitest';
import type { AudienceNote } from '../../../src/engine/model.ts';
import { bury, type DeadLetter } from '../../../src/service/dead-letter.ts';
import { Trouble } from '../../../src/service/errors.ts';
import type { Owner } from '../../../src/service/ports/inbox.ts';
import { gated, mortal } from '../../support/faults.ts';
import { createWorld, type World } from '../../support/world.ts';
import { ALICE, entry, HOUR, MINUTE, putBatch, START_MS } from './rows.ts';

const OWNER: Owner = { user: 'alice', device: 'phone' };
const NOTE: AudienceNote = { scope: 'department:roads', home: 'user:alice', n: 1, records: [{ type: 'report', entityId: 'r-1' }] };

const batches = (scope = 'user:alice', owner = OWNER): DeadLetter => ({ id: `m ${scope} ${owner.device}`, body: { kind: 'batches', scope, owner } });
const note = (parked?: string): DeadLetter => ({ id: 'm note', body: { kind: 'note', note: NOTE, ...(parked ? { parked } : {}) } });
const headers = (world: World) => world.ports.inbox.rows().headers;

describe('a message about batches that ended in the dead letters', () => {
  test('leaves them pending, to be sent again later and later: an outage must not kill', async () => {
    const world = createWorld();
    await putBatch(world, { batchId: '1-0', sends: 1 });
    await putBatch(world, { batchId: '2-0', sends: 2 });
    await putBatch(world, { batchId: '3-0', sends: 50 });
    await world.clock.advance(HOUR);
    expect(await bury(world.deps, [batches()])).toEqual({ failed: [] });
    const now = START_MS + HOUR;
    expect(headers(world).map(({ state, attempts, dueAt }) => [state, attempts, (dueAt - now) / MINUTE])).toEqual([
      ['pending', 0, 4], ['pending', 0, 8], ['pending', 0, 15],
    ]);
  });

  test('never has them sent sooner than they would be', async () => {
    const world = createWorld();
    const row = await putBatch(world, { dueAt: START_MS + 14 * MINUTE });
    await bury(world.deps, [batches()]);
    expect(headers(world)).toEqual([row]);
  });

  test('touches neither other scopes, nor other devices, nor dead batches', async () => {
    const world = createWorld();
    const rows = [
      await putBatch(world, { batchId: '1-0', scope: 'department:roads' }),
      await putBatch(world, { batchId: '2-0', state: 'dead', attempts: 5 }),
      await putBatch(world, { owner: { user: 'alice', device: 'tablet' } }),
    ];
    await bury(world.deps, [batches()]);
    expect(headers(world)).toEqual(rows);
  });

  test('removes a batch whose actions are all in the log, once the tail is redone: finished, not dead', async () => {
    // A worker that dies anywhere from its Put on, and whose every later receive failed.
    for (let at = 1; at < 12; at++) {
      const world = createWorld();
      await putBatch(world, { batchId: '1-0', actions: [entry('a')] });
      await world.deps.queue.send([{ id: 'x', message: batches().body }]);
      const worker = mortal(world.deps, at, 'before');
      await world.deliver({ deps: worker.deps, forget: true });
      const committed = (await world.ports.log.read('user:alice', 0, 99, { strong: true })).commits.length > 0;
      await bury(world.deps, [batches()]);
      expect(headers(world).length, `dies at ${worker.diedAt()}`).toBe(committed ? 0 : 1);
      if (committed) {
        expect((await world.ports.log.head('user:alice')).applied).toBe(1);
        expect((await world.results(ALICE, 'phone', ['a']))[0]?.status).toBe('success');
      }
    }
  });

  test('keeps a batch of which one action has no outcome', async () => {
    const world = createWorld();
    await putBatch(world, { batchId: '1-0', actions: [entry('a')] });
    await world.deps.queue.send([{ id: 'x', message: batches().body }]);
    await world.settle();
    await putBatch(world, { batchId: '1-0', actions: [entry('a'), entry('b', 'r-2')] });
    await bury(world.deps, [batches()]);
    expect(headers(world).length).toBe(1);
  });

  test('keeps a batch whose outcome another scope holds but has not applied yet', async () => {
    const world = createWorld();
    await putBatch(world, { actions: [entry('a')] });
    const done = { user: 'alice', device: 'phone', clientId: 'a', hash: '', order: 1, actionType: '', entityType: '', acceptedAt: 0, time: 0, retries: 0 };
    await world.ports.actions.put({ ...done, status: 'success', scope: 'department:roads', n: 3, at: 0 });
    await world.ports.log.advance('department:roads', 2, START_MS, 0);
    await bury(world.deps, [batches()]);
    expect(headers(world).length).toBe(1);
    await world.ports.log.advance('department:roads', 3, START_MS, 0);
    await bury(world.deps, [batches()]);
    expect(headers(world).length).toBe(0);
  });

  test('comes again while there is trouble, without holding up others', async () => {
    const world = createWorld();
    const rows = [await putBatch(world), await putBatch(world, { owner: { user: 'alice', device: 'tablet' }, scope: 'department:roads' })];
    const deps = gated(world.deps, ({ port, method, args, run }) => {
      if (port === 'log' && method === 'head' && args[0] === 'user:alice') throw new Trouble('throttled', undefined);
      return run();
    });
    const letters = [batches(), batches('department:roads', { user: 'alice', device: 'tablet' }), { ...batches(), id: 'the same again' }];
    expect(await bury(deps, letters)).toEqual({ failed: ['m user:alice phone', 'the same again'] });
    expect(headers(world).map(({ dueAt }) => (dueAt - START_MS) / MINUTE)).toEqual([2, 4]);
    expect(rows.length).toBe(2);
  });

  test('of a log with a hole stays, and alarms', async () => {
    const world = createWorld();
    await putBatch(world);
    await world.ports.log.put({ scope: 'user:alice', n: 2, at: 0, prevAt: 0, changes: [], outcomes: [], conflicts: [] });
    expect(await bury(world.deps, [batches()])).toEqual({ failed: [batches().id] });
    expect(world.report.alarms()).toEqual(['hole_in_log']);
    expect(headers(world).length).toBe(1);
  });
});

describe('an audience message that ended in the dead letters', () => {
  test('is parked once, however often it dies, and goes on from there', async () => {
    const world = createWorld();
    expect(await bury(world.deps, [note(), note()])).toEqual({ failed: [] });
    await bury(world.deps, [note()]);
    const { notes } = world.ports.inbox.rows();
    expect(notes).toEqual([{ id: notes[0]?.id, note: NOTE, sends: 1, dueAt: START_MS + 4 * MINUTE }]);
    await world.heal();
    expect(world.ports.inbox.rows().notes).toEqual([]);
  });

  test('keeps its row when it dies again after it was parked', async () => {
    const world = createWorld();
    await bury(world.deps, [note()]);
    const [parked] = world.ports.inbox.rows().notes;
    await world.ports.inbox.repark(parked ?? { id: '', note: NOTE, sends: 0, dueAt: 0 }, { sends: 4, dueAt: START_MS + HOUR });
    await bury(world.deps, [note(parked?.id)]);
    expect(world.ports.inbox.rows().notes).toEqual([{ ...parked, sends: 4, dueAt: START_MS + HOUR }]);
  });

  test('of another commit or other records is another row', async () => {
    const world = createWorld();
    const other = (over: Partial<AudienceNote>): DeadLetter => ({ id: JSON.stringify(over), body: { kind: 'note', note: { ...NOTE, ...over } } });
    await bury(world.deps, [note(), other({ n: 2 }), other({ home: 'user:bob' }), other({ scope: 'department:parks' }), other({ records: [{ type: 'report', entityId: 'r-2' }] })]);
    expect(world.ports.inbox.rows().notes.length).toBe(5);
  });
});
