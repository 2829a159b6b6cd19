import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globalKey } from '../../src/engine/keys.ts';
import type { AcceptedAction } from '../../src/engine/model.ts';
import type { BatchHeader, Inbox, Owner, ParkedNote } from '../../src/service/ports/inbox.ts';
import { action, claims, T0 } from '../support/builders.ts';
import { fieldNames, jsonValues } from '../support/json-values.ts';

const OWNER: Owner = { user: 'alice', device: 'phone' };
const SCOPE = 'user:alice';

function id(upload: number, batch = 0): string {
  return `${String(upload).padStart(15, '0')}-${String(batch).padStart(3, '0')}`;
}

function headerFor(payload: readonly AcceptedAction[], overrides: Partial<BatchHeader> = {}): BatchHeader {
  return {
    owner: OWNER,
    batchId: id(1),
    scope: SCOPE,
    claims: claims(),
    acceptedAt: T0,
    actions: payload.map(({ clientId, hash, actionType, entityType, entityId, order }) => ({
      clientId,
      hash,
      actionType,
      entityType,
      ...(entityId === undefined ? {} : { record: globalKey(SCOPE, entityType, entityId) }),
      order,
    })),
    state: 'pending',
    attempts: 0,
    trying: 0,
    changedAt: T0,
    sends: 1,
    dueAt: T0 + 120_000,
    ...overrides,
  };
}

async function dueOf(inbox: Inbox, until: number, limit: number): Promise<(BatchHeader | ParkedNote)[]> {
  const { rows, unreadable } = await inbox.due(until, limit);
  expect(unreadable).toBe(0);
  return rows;
}

function header(overrides: Partial<BatchHeader> = {}): BatchHeader {
  return headerFor([action()], overrides);
}

function note(overrides: Partial<ParkedNote> = {}): ParkedNote {
  return {
    id: 'note-1',
    note: { scope: 'department:roads', home: SCOPE, n: 4, records: [{ type: 'note', entityId: 'é 1' }] },
    sends: 1,
    dueAt: T0 + 60_000,
    ...overrides,
  };
}

const actions: fc.Arbitrary<AcceptedAction> = fc.record(
  {
    clientId: fc.uuid(),
    actionType: fc.constantFrom('update_note', 'create_note'),
    entityType: fc.constantFrom('note', 'card'),
    entityId: fc.oneof(fc.uuid(), fc.constantFrom('a#b', 'é', '%', 'x y')),
    hash: fc.string({ minLength: 1, maxLength: 22 }),
    order: fc.nat(),
    time: fc.nat(),
    data: fc.dictionary(fieldNames, jsonValues, { maxKeys: 3, noNullPrototype: true }),
    base: fc.dictionary(fieldNames, jsonValues, { maxKeys: 3, noNullPrototype: true }),
    baseVersion: fc.nat(),
    strategy: fc.constantFrom('merge', 'manual'),
    refusal: fc.constant({ code: 'noop' as const }),
    decision: fc.constant({ conflictId: 'c', conflictUser: 'bob', strategy: 'manual' as const, resolvedData: { a: null } }),
  },
  { requiredKeys: ['clientId', 'actionType', 'entityType', 'hash', 'order', 'time'], noNullPrototype: true },
);

/** What any inbox must do (P1). */
export function inboxContract(create: () => Promise<Inbox>): void {
  describe('inbox', () => {
    it('gives back a header exactly as it was put', async () => {
      const inbox = await create();
      const headers = [
        header(),
        header({ batchId: id(2), state: 'dead', attempts: 5, trying: 1, lastError: 'TypeError: é', changedAt: T0 + 1, sends: 9 }),
        header({ batchId: id(3), redriven: { by: claims({ sub: 'root', role: 'admin' }), at: T0 }, discard: true }),
        header({ batchId: id(4), actions: [], claims: claims({ role: 'officer', departments: ['roads', 'parks'] }) }),
      ];
      for (const h of headers) await inbox.put(h, []);
      expect(await inbox.headers(OWNER)).toStrictEqual(headers);
      for (const h of headers) expect(await inbox.header(OWNER, h.batchId)).toStrictEqual(h);
      expect(await inbox.header(OWNER, id(9))).toBeUndefined();
    });

    it('gives back any payload exactly as it was put', async () => {
      const inbox = await create();
      let upload = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(actions, { maxLength: 5 }), async (payload) => {
          const batchId = id(++upload);
          await inbox.put(headerFor(payload, { batchId }), payload);
          const [stored] = (await inbox.headers(OWNER)).slice(-1);
          for (const header of [stored, headerFor(payload, { batchId })]) {
            expect((await inbox.payloads(header ? [header] : [])).get(batchId)).toStrictEqual(payload);
          }
          await inbox.remove(headerFor(payload, { batchId }));
        }),
        { numRuns: 40 },
      );
    });

    it('gives back a payload whose header says something else of the actions', async () => {
      const inbox = await create();
      const { entityId: _, ...unnamed } = action({ clientId: 'a-2' });
      const payload = [action({ clientId: 'a-1' }), unnamed, action({ clientId: 'a-3', entityId: 'n-3' })];
      const others = ['b-1', 'b-2'].map((clientId) => action({ clientId, hash: 'other', entityId: 'other', order: 1, entityType: 'card' }));
      await inbox.put(headerFor(others), payload);
      expect((await inbox.payloads(await inbox.headers(OWNER))).get(id(1))).toStrictEqual(payload);
    });

    it('keeps a payload readable when its header has changed', async () => {
      const inbox = await create();
      const payload = [action({ data: { title: 'New' } })];
      await inbox.put(headerFor(payload), payload);
      await inbox.change(headerFor(payload), { state: 'dead', attempts: 5, lastError: 'x', dueAt: 1 });
      for (const headers of [await inbox.headers(OWNER), [headerFor(payload)]]) {
        expect((await inbox.payloads(headers)).get(id(1))).toStrictEqual(payload);
      }
    });

    it('gives payloads that exist, whatever else is asked for', async () => {
      const inbox = await create();
      const ids = Array.from({ length: 70 }, (_, i) => id(i));
      await Promise.all(ids.map((batchId) => inbox.put(header({ batchId }), [action()])));
      const asked = [id(999), ...ids, ...ids].map((batchId) => header({ batchId }));
      expect([...(await inbox.payloads(asked)).keys()].sort()).toEqual(ids);
      expect(await inbox.payloads([])).toEqual(new Map());
    });

    it('gives payloads of any size, small and large ones together', async () => {
      const inbox = await create();
      const noise = Array.from({ length: 2000 }, (_, i) => `${(i * 7919) % 10007}`).join(' ');
      const sizes = [0, 500, 2000, 4000, 8000, 3];
      const payloads = sizes.map((size, i) => [action({ clientId: `a-${i}`, data: { title: noise.slice(0, size) } })]);
      for (const [i, payload] of payloads.entries()) await inbox.put(headerFor(payload, { batchId: id(i) }), payload);
      const headers = await inbox.headers(OWNER);
      expect([...(await inbox.payloads(headers)).entries()].sort()).toStrictEqual(payloads.map((payload, i) => [id(i), payload]));
      for (const one of headers) await inbox.remove(one);
      expect(await inbox.headers(OWNER)).toEqual([]);
      expect((await inbox.payloads(payloads.map((payload, i) => headerFor(payload, { batchId: id(i) })))).size).toBe(0);
    });

    it('keeps owners apart, whatever they are called', async () => {
      const inbox = await create();
      const owners: Owner[] = [
        OWNER,
        { user: 'alice', device: 'phone2' },
        { user: 'alice#phone', device: 'x' },
        { user: 'alice', device: '~resolve' },
        { user: '~audience', device: 'roads' },
        { user: 'Zoë|😀', device: 'phone' },
      ];
      for (const owner of owners) await inbox.put(header({ owner }), [action({ clientId: owner.user })]);
      for (const owner of owners) {
        expect((await inbox.headers(owner)).map((h) => h.owner)).toStrictEqual([owner]);
        expect((await inbox.payloads(await inbox.headers(owner))).get(id(1))?.[0]?.clientId).toBe(owner.user);
      }
    });

    it('gives headers in the order of uploads, and no more once removed', async () => {
      const inbox = await create();
      const ids = [id(2), id(10), id(1, 2), id(1, 0), id(1_000_000_007)];
      for (const batchId of ids) await inbox.put(header({ batchId }), [action()]);
      await inbox.remove(header({ batchId: id(2) }));
      await inbox.remove(header({ batchId: id(3) }));
      expect((await inbox.headers(OWNER)).map((h) => h.batchId)).toEqual([id(1, 0), id(1, 2), id(10), id(1_000_000_007)]);
      expect((await inbox.payloads([header({ batchId: id(2) })])).size).toBe(0);
    });

    it('changes a header that is as it was read, and no other', async () => {
      const inbox = await create();
      const put = header({ attempts: 2, trying: 1, lastError: 'x', discard: true });
      await inbox.put(put, [action()]);
      for (const read of [{ state: 'dead' as const }, { attempts: 1 }, { trying: 0 }]) {
        expect(await inbox.change({ ...put, ...read }, { sends: 99 })).toBe(false);
      }
      expect(await inbox.change({ ...put, batchId: id(7) }, { sends: 99 })).toBe(false);
      expect(await inbox.headers(OWNER)).toStrictEqual([put]);
      const redriven = { by: claims({ sub: 'root' }), at: T0 };
      const change = { state: 'dead', attempts: 3, trying: 0, lastError: null, changedAt: 5, sends: 6, dueAt: 7, redriven, discard: null } as const;
      expect(await inbox.change(put, change)).toBe(true);
      const { lastError: _, discard: __, ...rest } = put;
      expect(await inbox.headers(OWNER)).toStrictEqual([
        { ...rest, state: 'dead', attempts: 3, trying: 0, changedAt: 5, sends: 6, dueAt: 7, redriven },
      ]);
    });

    it('lets one of many changes of what was read win', async () => {
      const inbox = await create();
      await inbox.put(header(), [action()]);
      const tries = await Promise.all(Array.from({ length: 5 }, () => inbox.change(header(), { trying: 1 })));
      expect(tries.filter(Boolean)).toHaveLength(1);
    });

    it('never brings back a header that was removed', async () => {
      const inbox = await create();
      await inbox.put(header(), [action()]);
      await inbox.remove(header());
      expect(await inbox.change(header(), { sends: 2 })).toBe(false);
      expect(await inbox.headers(OWNER)).toEqual([]);
    });

    describe('what is due', () => {
      const keysOf = (rows: (BatchHeader | ParkedNote)[]) => rows.map((row) => ('note' in row ? row.id : row.batchId));

      it('is pending batches and notes by their time, oldest first', async () => {
        const inbox = await create();
        for (const [i, dueAt] of [50, 10, 40, 30].entries()) await inbox.put(header({ batchId: id(i), dueAt }), [action()]);
        await inbox.put(header({ batchId: id(8), dueAt: 20, state: 'dead' }), [action()]);
        await inbox.park(note({ dueAt: 20 }));
        expect(keysOf(await dueOf(inbox, 40, 10))).toEqual([id(1), 'note-1', id(3), id(2)]);
        expect(keysOf(await dueOf(inbox, 100, 2))).toEqual([id(1), 'note-1']);
        expect(await dueOf(inbox, 9, 10)).toEqual([]);
        expect((await dueOf(inbox, Number.MAX_SAFE_INTEGER, 10)).length).toBe(5);
      });

      it('is whole rows', async () => {
        const inbox = await create();
        await inbox.put(header(), [action()]);
        await inbox.park(note());
        expect(await dueOf(inbox, Number.MAX_SAFE_INTEGER, 10)).toStrictEqual([note(), header()]);
      });

      it('follows every change', async () => {
        const inbox = await create();
        await inbox.put(header({ dueAt: 10 }), [action()]);
        await inbox.change(header(), { dueAt: 99 });
        expect(await dueOf(inbox, 50, 10)).toEqual([]);
        await inbox.change(header(), { dueAt: 20, state: 'dead' });
        expect(await dueOf(inbox, 50, 10)).toEqual([]);
        expect((await inbox.list('pending', '', 9)).rows).toEqual([]);
        expect((await inbox.list('dead', '', 9)).rows).toHaveLength(1);
        await inbox.change(header({ state: 'dead' }), { state: 'pending' });
        expect((await inbox.list('dead', '', 9)).rows).toEqual([]);
        expect(await dueOf(inbox, 50, 10)).toHaveLength(1);
        await inbox.remove(header());
        expect(await dueOf(inbox, 50, 10)).toEqual([]);
      });
    });

    describe('list of all users', () => {
      async function all(inbox: Inbox, state: 'pending' | 'dead', limit: number): Promise<BatchHeader[]> {
        const seen: BatchHeader[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const { rows, next }: { rows: BatchHeader[]; next?: string } = await inbox.list(state, after, limit);
          expect(rows.length).toBeLessThanOrEqual(limit);
          seen.push(...rows);
          after = next;
        }
        return seen;
      }

      it('has the batches of one state by their time, all once, whatever the limit, and no notes', async () => {
        const inbox = await create();
        const times = [...Array.from({ length: 40 }, () => 5), 9, 1, 3, 5, 9];
        for (const [i, dueAt] of times.entries()) {
          await inbox.put(header({ owner: { user: `user ${i % 3}`, device: 'd' }, batchId: id(i), dueAt }), [action()]);
        }
        await inbox.put(header({ batchId: id(77), dueAt: 4, state: 'dead' }), [action()]);
        await inbox.park(note({ dueAt: 5 }));
        for (const limit of [1, 2, 7, 50]) {
          const rows = await all(inbox, 'pending', limit);
          expect(rows.map((row) => row.dueAt)).toEqual([...times].sort((a, b) => a - b));
          expect(new Set(rows.map((row) => row.batchId)).size).toBe(times.length);
          expect((await all(inbox, 'dead', limit)).map((row) => row.batchId)).toEqual([id(77)]);
        }
      });
    });

    describe('parked notes', () => {
      it('are parked once', async () => {
        const inbox = await create();
        await inbox.park(note());
        await inbox.park(note({ sends: 7, dueAt: 1 }));
        expect(await dueOf(inbox, Number.MAX_SAFE_INTEGER, 9)).toStrictEqual([note()]);
      });

      it('are held by whoever came last, parked before or not', async () => {
        const inbox = await create();
        await inbox.park(note({ sends: 7 }));
        await inbox.hold({ ...note(), holder: 'a' });
        await inbox.hold({ ...note(), holder: 'b' });
        await inbox.hold({ ...note({ id: 'note-2' }), holder: 'a' });
        await inbox.park(note());
        const rows = [note({ holder: 'b' }), note({ id: 'note-2', holder: 'a' })];
        expect((await dueOf(inbox, Number.MAX_SAFE_INTEGER, 9)).toSorted((x, y) => ('id' in x && 'id' in y ? x.id.localeCompare(y.id) : 0))).toStrictEqual(rows);
      });

      it('are taken away by their holder only, and taking away what is not there is no trouble', async () => {
        const inbox = await create();
        await inbox.hold({ ...note(), holder: 'b' });
        await inbox.unpark('department:roads', 'note-1', 'a');
        await inbox.unpark('department:parks', 'note-1', 'b');
        expect(await dueOf(inbox, Number.MAX_SAFE_INTEGER, 9)).toHaveLength(1);
        await inbox.unpark('department:roads', 'note-1', 'b');
        await inbox.unpark('department:roads', 'note-1', 'b');
        expect(await dueOf(inbox, Number.MAX_SAFE_INTEGER, 9)).toEqual([]);
      });

      it('without a holder are taken away by nobody', async () => {
        const inbox = await create();
        await inbox.park(note());
        await inbox.unpark('department:roads', 'note-1', '');
        expect(await dueOf(inbox, Number.MAX_SAFE_INTEGER, 9)).toStrictEqual([note()]);
      });

      it('move on if they were sent as often as was read', async () => {
        const inbox = await create();
        await inbox.park(note());
        expect(await inbox.repark(note(), { sends: 2, dueAt: T0 + 1 })).toBe(true);
        expect(await inbox.repark(note(), { sends: 3, dueAt: T0 + 2 })).toBe(false);
        expect(await inbox.repark(note({ id: 'other' }), { sends: 2, dueAt: 1 })).toBe(false);
        expect(await dueOf(inbox, Number.MAX_SAFE_INTEGER, 9)).toStrictEqual([note({ sends: 2, dueAt: T0 + 1 })]);
      });
    });
  });
}
