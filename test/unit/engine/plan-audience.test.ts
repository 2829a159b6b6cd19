import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordKey } from '../../../src/engine/keys.ts';
import type { AudienceNote, EntityRow } from '../../../src/engine/model.ts';
import { copyKey, planCopy } from '../../../src/engine/plan-audience.ts';
import type { Work } from '../../../src/engine/plan.ts';
import { row, stamp } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

const ROADS = 'department:roads';
const note = (n: number): AudienceNote => ({ scope: ROADS, home: 'user:alice', n, records: [{ type: 'note', entityId: 'n-1' }] });
const look = (home: EntityRow | undefined, copy: EntityRow | undefined, n = home?.version ?? 1) =>
  planCopy(ROADS, 40, { home, copy, note: note(n), type: 'note', entityId: 'n-1' });

const home = (version: number, over: Partial<EntityRow> = {}) => row({ version, n: version, audience: [ROADS], stamps: { title: { last: stamp() } }, ...over });
const copy = (version: number, over: Partial<EntityRow> = {}): EntityRow => {
  const { created: _created, stamps: _stamps, ...image } = home(version);
  return { ...image, scope: ROADS, n: 30, audience: [], ...over };
};

describe('a look at a record’s home', () => {
  it('puts a copy of what belongs here, without stamps, under the home’s version', () => {
    const change = look(home(5), undefined);
    expect(change).toMatchObject({ alias: 'put', to: [], row: { scope: ROADS, home: 'user:alice', version: 5, n: 40, state: 'live', fields: { title: 'Old' } } });
    expect(change?.row).not.toHaveProperty('stamps');
    expect(change?.row).not.toHaveProperty('created');
    expect(change?.row.audience).toEqual([]);
  });

  it('renews an older copy, and keeps its alias', () => {
    const change = look(home(5), copy(4));
    expect(change).toMatchObject({ row: { version: 5 } });
    expect(change).not.toHaveProperty('alias');
  });

  it.each([
    ['the same version', home(5), copy(5)],
    ['a later copy', home(5), copy(6)],
    ['a record that never belonged here', home(5, { audience: [] }), undefined],
    ['a tombstone of which there is no copy', home(5, { state: 'deleted' }), undefined],
    ['a record that is gone, and was never here', undefined, undefined],
    ['what left already', home(6, { audience: [] }), copy(5, { state: 'left' })],
    ['what was deleted here already', home(6, { state: 'deleted' }), copy(5, { state: 'deleted' })],
  ] as const)('gives nothing for %s', (_, h, c) => {
    expect(look(h, c)).toBeUndefined();
  });

  it('says that a record left, without its fields', () => {
    expect(look(home(6, { audience: ['department:parks'] }), copy(5))).toMatchObject({ alias: 'expire', row: { state: 'left', version: 6, fields: {} } });
  });

  it('says that a record was deleted, without its fields', () => {
    const change = look(home(6, { state: 'deleted', gone: stamp() }), copy(5));
    expect(change).toMatchObject({ alias: 'expire', row: { state: 'deleted', version: 6, fields: {} } });
    expect(change?.row).not.toHaveProperty('gone');
  });

  it('takes what is gone altogether for deleted at the version of the note', () => {
    expect(look(undefined, copy(5), 7)).toMatchObject({ row: { state: 'deleted', version: 7, serverId: 7, entityId: 'n-1' } });
    expect(look(undefined, copy(5), 5)).toBeUndefined();
  });

  it('brings back what left, or was deleted, when it belongs here again', () => {
    expect(look(home(7), copy(6, { state: 'left', fields: {} }))).toMatchObject({ alias: 'put', row: { state: 'live', version: 7 } });
    expect(look(home(7), copy(6, { state: 'deleted', fields: {} }))).toMatchObject({ alias: 'put', row: { state: 'live', version: 7 } });
  });

  it('names the copy by its home: nobody shadows another’s record by choosing its id', () => {
    expect(copyKey(ROADS, note(1), { type: 'note', entityId: 'n-1' })).toBe(recordKey(ROADS, 'user:alice', 'note', 'n-1'));
    expect(recordKey(ROADS, 'user:alice', 'note', 'n-1')).not.toBe(recordKey(ROADS, 'user:bob', 'note', 'n-1'));
  });
});

describe('an audience scope', () => {
  const step = fc.record({
    record: fc.constantFrom('n-1', 'n-2'),
    act: fc.constantFrom('edit' as const, 'move' as const, 'unshare' as const, 'delete' as const, 'revive' as const),
    team: fc.constantFrom('roads', 'parks'),
    together: fc.boolean(),
  });

  function work(phone: Phone, { record, act, team }: { record: string; act: string; team: string }): Work {
    switch (act) {
      case 'move':
        return phone.update(record, { team });
      case 'unshare':
        return phone.update(record, { team: null });
      case 'delete':
        return phone.remove(record);
      case 'revive':
        return phone.update(record, { votes: { $inc: 1 } }, { strategy: 'client_wins' });
      default:
        return phone.update(record, { votes: { $inc: 1 } });
    }
  }

  it('ends with what its home shares with it, however late, often and out of order it looks (P6, P8)', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 15 }), fc.array(fc.nat()), fc.array(fc.boolean()), (steps, picks, looksAtOnce) => {
      const alice = new Phone('phone');
      const from = new TestScope();
      const homesThen: Map<string, EntityRow>[] = [];
      const seen: AudienceNote[] = [];
      const put = (items: Work[]) => {
        const before = from.notes.length;
        from.commit(...items);
        for (const entry of from.notes.slice(before)) {
          seen.push(entry);
          homesThen.push(new Map(from.rows));
        }
      };
      put(['n-1', 'n-2'].map((id) => alice.create(id, { title: 'T', team: 'roads' })));
      for (const [i, s] of steps.entries()) put(s.together && steps[i + 1] ? [work(alice, s), work(alice, steps[i + 1] ?? s)] : [work(alice, s)]);

      const scope = new TestScope(ROADS);
      const versions = new Map<string, number>();
      const deliver = (i: number, rows: ReadonlyMap<string, EntityRow>) => {
        const entry = seen[i];
        if (entry?.scope !== ROADS) return;
        const looks = entry.records.map((record): Work => ({ kind: 'look', note: entry, ...record, home: rows.get(recordKey(entry.home, entry.home, record.type, record.entityId)) }));
        for (const commit of scope.commit(...looks)) {
          for (const { row: r } of commit.changes) {
            expect(r.version).toBeGreaterThan(versions.get(r.entityId) ?? 0);
            versions.set(r.entityId, r.version);
          }
        }
      };
      // Some notes early, with the home as it was then; then all of them, in any order, as the home is now.
      for (const [i, early] of looksAtOnce.entries()) if (early) deliver(i % Math.max(1, seen.length), homesThen[i % Math.max(1, seen.length)] ?? from.rows);
      const order = [...seen.keys(), ...picks.map((p) => p % Math.max(1, seen.length))].sort((a, b) => (picks[a % (picks.length || 1)] ?? a) - (picks[b % (picks.length || 1)] ?? b));
      for (const i of order) deliver(i, from.rows);

      for (const id of ['n-1', 'n-2']) {
        const at = from.row(id);
        const here = scope.rows.get(recordKey(ROADS, at.home, 'note', id));
        const belongs = at.state === 'live' && at.audience.includes(ROADS);
        expect(here?.state === 'live').toBe(belongs);
        if (belongs) expect(here).toMatchObject({ version: at.version, fields: at.fields, serverId: at.serverId });
      }
    }));
  });

  it('looks at several records of one note in one commit, each once', () => {
    const scope = new TestScope(ROADS);
    const notice: AudienceNote = { scope: ROADS, home: 'user:alice', n: 3, records: [{ type: 'note', entityId: 'n-1' }, { type: 'note', entityId: 'n-2' }] };
    const looks = notice.records.map((record): Work => ({ kind: 'look', note: notice, ...record, home: home(3, { entityId: record.entityId }) }));
    const commits = scope.commit(...looks, ...looks);
    expect(commits).toMatchObject([{ changes: [{ alias: 'put' }, { alias: 'put' }], outcomes: [] }]);
    expect(scope.plan(looks)).toEqual({ kind: 'planned', taken: 2 });
  });
});
