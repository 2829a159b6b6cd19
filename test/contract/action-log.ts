import { describe, expect, it } from 'vitest';
import { actionKey } from '../../src/engine/keys.ts';
import type { DoneAction } from '../../src/engine/model.ts';
import type { ActionLog } from '../../src/service/ports/action-log.ts';
import { outcome, T0 } from '../support/builders.ts';

function done(overrides: Partial<DoneAction> = {}): DoneAction {
  return { ...outcome(), scope: 'user:alice', n: 5, at: T0 + 50, ...overrides };
}

/** What any action log must do (P2: an outcome is final). */
export function actionLogContract(create: () => Promise<ActionLog>): void {
  describe('action log', () => {
    it('gives back a row exactly as it was put', async () => {
      const log = await create();
      const rows: DoneAction[] = [
        done({ clientId: 'a', entityId: 'n-1', home: 'user:alice', serverId: 7, version: 5, merged: true }),
        done({ clientId: 'b', status: 'conflict', conflictId: 'c-1', resolution: 'unresolved', retries: 3 }),
        done({ clientId: 'c', status: 'rejected', code: 'validation_failed', errors: [{ pointer: '/data/é', code: 'x', message: '😀' }] }),
        done({ clientId: 'd', user: 'Zoë|auth0', n: 0, order: 0, time: 0 }),
      ];
      for (const row of rows) await log.put(row);
      const read = await log.get(rows);
      expect(read.size).toBe(4);
      for (const row of rows) expect(read.get(actionKey(row.user, row.clientId))).toStrictEqual(row);
    });

    it('keeps the first outcome for ever', async () => {
      const log = await create();
      await log.put(done({ n: 5 }));
      await log.put(done({ n: 9, status: 'rejected', code: 'forbidden' }));
      await log.put(done({ n: 1 }));
      expect((await log.get([done()])).get(actionKey('alice', 'a-1'))).toStrictEqual(done({ n: 5 }));
    });

    it('keeps users apart', async () => {
      const log = await create();
      await log.put(done());
      expect(await log.get([{ user: 'bob', clientId: 'a-1' }])).toEqual(new Map());
      expect((await log.list('bob', '', 9)).rows).toEqual([]);
    });

    it('gets rows that most likely exist, and no others', async () => {
      const log = await create();
      const rows = ['a', 'b', 'c'].map((clientId) => done({ clientId }));
      for (const row of rows) await log.put(row);
      for (const some of [rows, rows.slice(0, 1), [...rows, done({ clientId: 'none' })], [done({ clientId: 'none' })], []]) {
        const read = await log.get(some, { likely: true });
        expect([...read.values()]).toEqual(expect.arrayContaining(some.filter((row) => row.clientId !== 'none')));
        expect(read.size).toBe(some.filter((row) => row.clientId !== 'none').length);
      }
    });

    it('gets many rows at once, and leaves out those that do not exist', async () => {
      const log = await create();
      const ids = Array.from({ length: 120 }, (_, i) => `a-${i}`);
      await Promise.all(ids.map((clientId) => log.put(done({ clientId }))));
      const read = await log.get(['none', ...ids, ...ids].map((clientId) => ({ user: 'alice', clientId })));
      expect([...read.values()].map((row) => row.clientId).sort()).toEqual([...ids].sort());
    });

    it('may be asked for one row twice', async () => {
      const log = await create();
      await log.put(done());
      expect((await log.get([done(), done({ clientId: 'none' }), done()])).size).toBe(1);
    });

    it('lists a user by client_id, all once, whatever the limit', async () => {
      const log = await create();
      const ids = ['-', '0', 'A', '_', 'a', 'aa', 'b'];
      for (const clientId of [...ids].reverse()) await log.put(done({ clientId }));
      for (const limit of [1, 3, 7, 50]) {
        const seen: string[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const { rows, next }: { rows: DoneAction[]; next?: string } = await log.list('alice', after, limit);
          expect(rows.length).toBeLessThanOrEqual(limit);
          seen.push(...rows.map((row) => row.clientId));
          after = next;
        }
        expect(seen).toEqual(ids);
      }
    });
  });
}
