import { describe, expect, it } from 'vitest';
import { NEW_HEAD } from '../../src/engine/cursor.ts';
import type { Commit } from '../../src/engine/model.ts';
import { jsonBytes } from '../../src/engine/value.ts';
import type { ScopeLog } from '../../src/service/ports/scope-log.ts';
import { commit, outcome, row, T0 } from '../support/builders.ts';

const SCOPE = 'user:alice';

function commits(count: number, overrides: (n: number) => Partial<Commit> = () => ({})): Commit[] {
  return Array.from({ length: count }, (_, i) =>
    commit({ n: i + 1, at: T0 + i, prevAt: i === 0 ? 0 : T0 + i - 1, ...overrides(i + 1) }),
  );
}

async function filled(log: ScopeLog, list: readonly Commit[]): Promise<ScopeLog> {
  for (const entry of list) await log.put(entry);
  return log;
}

/** What any log must do (design 1). */
export function scopeLogContract(create: () => Promise<ScopeLog>): void {
  describe('scope log', () => {
    it('gives back a commit exactly as it was put', async () => {
      const log = await create();
      const put = commit({
        n: 3,
        changes: [
          { row: row({ fields: { title: 'Löwe 🦁', votes: -1.5, labels: [], nested: { a: [null, true] } } }), to: ['department:a'], alias: 'put' },
          { row: row({ entityId: 'n-2', state: 'deleted' }), to: [] },
        ],
        outcomes: [outcome(), outcome({ clientId: 'a-2', status: 'rejected', code: 'validation_failed', errors: [{ pointer: '/data/x', code: 'c', message: 'm' }] })],
      });
      expect(await log.put(put)).toBe('put');
      expect(await log.read(SCOPE, 0, 10, { strong: true })).toStrictEqual({ commits: [put], end: true });
    });

    it('refuses a number that is taken, and changes nothing then', async () => {
      const log = await filled(await create(), [commit({ at: T0 })]);
      expect(await log.put(commit({ at: T0 + 5 }))).toBe('taken');
      const { commits: read } = await log.read(SCOPE, 0, 10, { strong: true });
      expect(read.map((entry) => entry.at)).toEqual([T0]);
    });

    it('lets exactly one of many writers have a number', async () => {
      const log = await create();
      const tries = await Promise.all(Array.from({ length: 8 }, (_, i) => log.put(commit({ at: T0 + i }))));
      expect(tries.filter((result) => result === 'put')).toHaveLength(1);
    });

    it('reads the numbers behind one up to another, in order', async () => {
      const log = await filled(await create(), [...commits(12)].reverse());
      const { commits: read, end } = await log.read(SCOPE, 8, 11, { strong: false });
      expect(read.map((entry) => entry.n)).toEqual([9, 10, 11]);
      expect(end).toBe(true);
    });

    it('says that it is at the end only when nothing was left out', async () => {
      const log = await filled(await create(), commits(5));
      const first = await log.read(SCOPE, 0, 5, { strong: true, limit: 3 });
      expect(first.commits.map((entry) => entry.n)).toEqual([1, 2, 3]);
      expect(first.end).toBe(false);
      const rest = await log.read(SCOPE, 3, Number.MAX_SAFE_INTEGER, { strong: true, limit: 3 });
      expect(rest).toMatchObject({ commits: [{ n: 4 }, { n: 5 }], end: true });
      expect(await log.read(SCOPE, 5, 5, { strong: true })).toEqual({ commits: [], end: true });
      expect(await log.read(SCOPE, 9, 5, { strong: true })).toEqual({ commits: [], end: true });
    });

    it('gives large commits in parts, each with at least one', async () => {
      const text = (n: number) => Array.from({ length: 40_000 }, (_, i) => ((i * 7919 + n * 104_729) ** 2).toString(36)).join('').slice(0, 300_000);
      const large = commits(9, (n) => ({ changes: [{ row: row({ n, fields: { body: text(n) } }), to: [] }] }));
      const log = await filled(await create(), large);
      const read: number[] = [];
      let rounds = 0;
      for (let end = false; !end; rounds++) {
        const part = await log.read(SCOPE, read.at(-1) ?? 0, 9, { strong: false });
        expect(part.commits.length).toBeGreaterThan(0);
        read.push(...part.commits.map((entry) => entry.n));
        end = part.end;
      }
      expect(read).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(rounds).toBeGreaterThan(1);
    });

    it('never gives more than a few megabytes at once, however small they are stored', async () => {
      const plain = commits(20, (n) => ({ changes: [{ row: row({ n, fields: { body: 'a'.repeat(300_000) } }), to: [] }] }));
      const log = await filled(await create(), plain);
      const read = await log.read(SCOPE, 0, 20, { strong: true });
      expect(jsonBytes(read.commits)).toBeLessThan(5_000_000);
      expect(read.end).toBe(false);
    });

    it('keeps scopes apart', async () => {
      const log = await filled(await create(), [commit(), commit({ scope: 'user:alice2' })]);
      await log.advance('user:alice2', 1, T0, 0);
      expect(await log.head(SCOPE)).toEqual(NEW_HEAD);
      expect((await log.read('user:bob', 0, 9, { strong: true })).commits).toEqual([]);
      expect((await log.read(SCOPE, 0, 9, { strong: true })).commits).toHaveLength(1);
    });

    it('never shows the head among the commits', async () => {
      const log = await filled(await create(), commits(1));
      await log.advance(SCOPE, 1, T0, 0);
      expect((await log.read(SCOPE, -1, 9, { strong: true })).commits).toHaveLength(1);
    });

    describe('head', () => {
      it('of a new scope is that of an empty log', async () => {
        expect(await (await create()).head(SCOPE)).toEqual(NEW_HEAD);
      });

      it('only moves forward, whoever comes last', async () => {
        const log = await create();
        await log.advance(SCOPE, 2, T0 + 2, 0);
        await log.advance(SCOPE, 1, T0 + 1, 0);
        expect(await log.head(SCOPE)).toEqual({ ...NEW_HEAD, applied: 2, appliedAt: T0 + 2 });
        await Promise.all([5, 3, 4].map((n) => log.advance(SCOPE, n, T0 + n, 0)));
        expect(await log.head(SCOPE)).toEqual({ ...NEW_HEAD, applied: 5, appliedAt: T0 + 5 });
      });

      it('takes its epoch when it is made, and keeps it when it advances', async () => {
        const log = await create();
        await log.advance(SCOPE, 1, T0, 2);
        await log.advance(SCOPE, 2, T0, 7);
        expect((await log.head(SCOPE)).epoch).toBe(2);
      });

      it('begins an epoch at a number far ahead, and remembers where the one before ended', async () => {
        const log = await create();
        await log.advance(SCOPE, 42, T0, 0);
        const read = await log.head(SCOPE);
        expect(await log.startEpoch(SCOPE, read, 1, 1_000_000)).toBe(true);
        expect(await log.head(SCOPE)).toEqual({ applied: 999_999, appliedAt: T0, epoch: 1, start: 1_000_000, end: 42 });
        await log.advance(SCOPE, 43, T0 + 1, 0);
        expect((await log.head(SCOPE)).applied).toBe(999_999);
        await log.advance(SCOPE, 1_000_000, T0 + 2, 1);
        expect(await log.head(SCOPE)).toEqual({ applied: 1_000_000, appliedAt: T0 + 2, epoch: 1, start: 1_000_000, end: 42 });
      });

      it('begins no epoch on a head that is not as it was read', async () => {
        const log = await create();
        const read = await log.head(SCOPE);
        await log.advance(SCOPE, 1, T0, 0);
        const before = await log.head(SCOPE);
        expect(await log.startEpoch(SCOPE, read, 1, 1_000_000)).toBe(false);
        expect(await log.startEpoch(SCOPE, { ...before, epoch: 3 }, 4, 1_000_000)).toBe(false);
        expect(await log.head(SCOPE)).toEqual(before);
      });

      it('begins an epoch in a scope that has none', async () => {
        const log = await create();
        const starts = await Promise.all([1, 2].map(() => log.startEpoch(SCOPE, NEW_HEAD, 1, 1_000_000)));
        expect([...starts].sort()).toEqual([false, true]);
        expect(await log.head(SCOPE)).toEqual({ applied: 999_999, appliedAt: 0, epoch: 1, start: 1_000_000, end: 0 });
      });

      it('is listed for every scope that has one, or has commits and none yet', async () => {
        const log = await filled(await create(), [...commits(3), ...commits(2, () => ({ scope: 'user:bob' }))]);
        await log.advance(SCOPE, 1, T0, 0);
        await log.advance('department:roads', 4, T0, 0);
        const heads: [string, number][] = [];
        for await (const { scope, head } of log.heads()) heads.push([scope, head.applied]);
        expect(heads.sort()).toEqual([['department:roads', 4], [SCOPE, 1], ['user:bob', 0]]);
      });

      it('is listed behind any other in the same order, so that a list can go on where it was left', async () => {
        const log = await filled(await create(), ['a', 'b', 'c', 'd'].flatMap((name) => commits(3, () => ({ scope: `user:${name}` }))));
        await log.advance('user:b', 3, T0, 0);
        const listed = async (after?: string) => {
          const scopes: string[] = [];
          for await (const { scope } of log.heads(after)) scopes.push(scope);
          return scopes;
        };
        const all = await listed();
        expect([...all].sort()).toEqual(['user:a', 'user:b', 'user:c', 'user:d']);
        for (const [i, scope] of all.entries()) expect(await listed(scope)).toEqual(all.slice(i + 1));
      });
    });
  });
}
