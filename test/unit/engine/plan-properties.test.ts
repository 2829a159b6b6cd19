import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordKey } from '../../../src/engine/keys.ts';
import type { Commit, EntityRow, Outcome } from '../../../src/engine/model.ts';
import { applyOperator, operatorOf, sameValue } from '../../../src/engine/operators.ts';
import type { Json, JsonObject } from '../../../src/protocol/json.ts';
import { note } from '../../support/note-domain.ts';
import { Crew, walks, type Made } from '../../support/plan-walk.ts';
import type { TestScope } from '../../support/test-scope.ts';

/* Random walks through the planner. Each property is judged by what the test itself remembers, not by stamps. */

const keyOf = (record: string) => recordKey('user:alice', 'user:alice', 'note', record);

/** What counts at the end of a walk, whatever the cut into commits. */
function ending(scope: TestScope, all: readonly Made[]): unknown {
  return {
    records: [...scope.rows.values()].map(({ entityId, state, fields }) => ({ entityId, state, fields })),
    outcomes: all.map(({ work }) => {
      const { clientId, status, code, resolution, merged, conflictId } = scope.outcomeOf(work);
      return { clientId, status, code, resolution, merged, conflictId };
    }),
    conflicts: [...scope.conflicts.values()].map(({ id, kind, fields, held, base, client, clientIds, status, strategy, resolvedData }) => ({
      ...{ id, kind, fields, held, base, client, clientIds, status, strategy, resolvedData },
    })),
  };
}

describe('any cut of the same work into commits', () => {
  it('ends with the same records, outcomes and conflicts', () => {
    fc.assert(fc.property(walks, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }), (rounds, cuts) => {
      const crews = [new Crew(), new Crew(), new Crew()] as const;
      const all: Made[][] = [[], [], []];
      for (const round of rounds) {
        for (const [i, crew] of crews.entries()) {
          const made = crew.round(round);
          all[i]?.push(...made);
          const work = made.map((m) => m.work);
          if (i === 0) crew.scope.commit(...work);
          else if (i === 1) crew.scope.commitUpTo(1, work);
          else for (let from = 0, turn = 0; from < work.length; turn++) {
            const to = from + (cuts[turn % cuts.length] ?? 1);
            crew.scope.commit(...work.slice(from, to));
            from = to;
          }
        }
      }
      const [folded, single, cut] = crews.map((crew, i) => ending(crew.scope, all[i] ?? []));
      expect(single).toEqual(folded);
      expect(cut).toEqual(folded);
    }), { numRuns: 300 });
  });

  it('sent again, as a whole or in part, changes nothing (P2)', () => {
    fc.assert(fc.property(walks, (rounds) => {
      const crew = new Crew();
      const sent = rounds.flatMap((round) => {
        const work = crew.round(round).map((m) => m.work);
        crew.scope.commit(...work, ...work);
        return work;
      });
      expect(crew.scope.plan([...sent, ...sent.toReversed()])).toEqual({ kind: 'planned', taken: sent.length * 2 });
    }));
  });
});

/** Plain memory of who set what and when, field by field. */
class Memory {
  readonly #changes: { record: string; field: string; device: string; order: number; n: number }[] = [];

  note(made: Made, before: EntityRow | undefined, after: EntityRow | undefined): void {
    const { work, step } = made;
    if (!before || !after || after === before) return;
    const revived = before.state === 'deleted' && after.state === 'live';
    for (const field of Object.keys({ ...before.fields, ...after.fields })) {
      const same = sameValue(note.fields[field], before.fields[field], after.fields[field]);
      // Who brings a record back says its values anew.
      if (same && !(revived && Object.hasOwn(intent(made), field))) continue;
      this.#changes.push({ record: step.record, field, device: step.device, order: work.action.order, n: after.version });
    }
  }

  /** Others' changes of a field that the action cannot have known. */
  unseenBy({ work, step, seen }: Made, field: string): boolean {
    const known = work.action.baseVersion === undefined ? 0 : (seen?.version ?? 0);
    return this.#changes.some((c) => c.record === step.record && c.field === field && c.device !== step.device && c.n > known);
  }

  laterOwn({ work, step }: Made, field: string): boolean {
    return this.#changes.some((c) => c.record === step.record && c.field === field && c.device === step.device && c.order > work.action.order);
  }
}

/** Fields that the action means to change. */
function intent({ work }: Made): JsonObject {
  const { data = {}, base } = work.action;
  const entries = Object.entries(data).filter(([field, value]) => !base || !Object.hasOwn(base, field) || !sameValue(note.fields[field], value, base[field]));
  return Object.fromEntries(entries);
}

function meant(field: string, value: Json, before: EntityRow): Json {
  const spec = note.fields[field];
  const operator = spec && operatorOf(spec, value);
  return operator ? applyOperator(operator, before.fields[field]) : value;
}

type Seen = { made: Made; before: EntityRow | undefined; after: EntityRow | undefined; outcome: Outcome; commit: Commit | undefined; crew: Crew; memory: Memory };

/** Runs a walk one action per commit, and shows each step to the check. */
function eachStep(check: (seen: Seen) => void): void {
  fc.assert(fc.property(walks, (rounds) => {
    const crew = new Crew();
    const memory = new Memory();
    for (const round of rounds) {
      for (const made of crew.round(round)) {
        const before = crew.scope.rows.get(keyOf(made.step.record));
        const [commit] = crew.scope.commit(made.work);
        const after = crew.scope.rows.get(keyOf(made.step.record));
        check({ made, before, after, outcome: crew.scope.outcomeOf(made.work), commit, crew, memory });
        memory.note(made, before, after);
      }
    }
  }), { numRuns: 300 });
}

const refused = (outcome: Outcome) => outcome.status === 'rejected';

describe('no update is lost (P4)', () => {
  it('an edit that does not stand is in a conflict, whole', () => {
    eachStep(({ made, before, after, outcome, crew }) => {
      if (made.step.act === 'delete' || refused(outcome) || !before || !after) return;
      for (const [field, value] of Object.entries(intent(made))) {
        const stands = after.state === 'live' && sameValue(note.fields[field], after.fields[field], meant(field, value, before));
        if (stands) continue;
        const conflict = crew.scope.conflictOf(made.work);
        expect(conflict.client).toHaveProperty(field);
        const spec = note.fields[field];
        // What waits of operators adds up with earlier ones.
        if (!(spec && operatorOf(spec, value))) expect(sameValue(spec, conflict.client?.[field], value)).toBe(true);
      }
    });
  });

  it('a value that someone else set unseen is not replaced without a conflict that keeps it', () => {
    eachStep(({ made, before, after, outcome, crew, memory }) => {
      if (before?.state !== 'live' || after?.state !== 'live' || after === before) return;
      for (const [field, value] of Object.entries(intent(made))) {
        const spec = note.fields[field];
        const changed = !sameValue(spec, before.fields[field], after.fields[field]);
        if (!changed || (spec && operatorOf(spec, value)) || !memory.unseenBy(made, field)) continue;
        const { base } = made.work.action;
        if (base && Object.hasOwn(base, field) && sameValue(spec, base[field], before.fields[field])) continue;
        expect(['client_wins', 'merge']).toContain(outcome.resolution);
        const conflict = crew.scope.conflictOf(made.work);
        expect(conflict.fields).toContain(field);
        expect(sameValue(spec, conflict.server?.[field], before.fields[field])).toBe(true);
      }
    });
  });

  it('a record that someone else changed unseen is not deleted without a conflict', () => {
    eachStep(({ made, before, after, outcome, memory }) => {
      if (before?.state !== 'live' || after?.state !== 'deleted') return;
      const { base } = made.work.action;
      const unseen = Object.keys(before.fields).filter((field) => memory.unseenBy(made, field) && !(base && sameValue(note.fields[field], base[field], before.fields[field])));
      if (unseen.length > 0) expect(outcome).toMatchObject({ resolution: 'client_wins', conflictId: expect.any(String) });
    });
  });
});

describe('no conflict without cause', () => {
  it('an update that meets no unseen change of others and no later one of its own is applied', () => {
    eachStep(({ made, before, after, outcome, memory }) => {
      if (made.step.act !== 'update' || before?.state !== 'live' || refused(outcome)) return;
      const wanted = intent(made);
      if (Object.keys(wanted).some((field) => memory.unseenBy(made, field) || memory.laterOwn(made, field))) return;
      expect(outcome).toMatchObject({ status: 'success' });
      expect(outcome).not.toHaveProperty('conflictId');
      for (const [field, value] of Object.entries(wanted)) {
        expect(sameValue(note.fields[field], after?.fields[field], meant(field, value, before))).toBe(true);
      }
    });
  });

  it('a device has one open question per record', () => {
    eachStep(({ crew }) => {
      const open = crew.scope.openConflicts().map((c) => `${c.user} ${c.device} ${c.entityId}`);
      expect(new Set(open).size).toBe(open.length);
    });
  });
});

describe('records', () => {
  it('come back from the dead only when an action of that very day wins (P9)', () => {
    eachStep(({ made, before, after, outcome }) => {
      if (before?.state !== 'deleted' || after?.state !== 'live') return;
      expect(outcome.resolution).toBe('client_wins');
      expect(made.step).toMatchObject({ strategy: 'client_wins', late: 0 });
    });
  });

  it('change only with the version of their commit, which only grows, and only where it says so', () => {
    eachStep(({ made, before, after, outcome, commit }) => {
      const changes = commit?.changes ?? [];
      expect(changes.length).toBeLessThanOrEqual(1);
      if (changes.length === 0) {
        expect(after).toBe(before);
        return;
      }
      expect(after).toBe(changes[0]?.row);
      expect(after).toMatchObject({ entityId: made.step.record, version: commit?.n, n: commit?.n });
      expect(after?.version).toBeGreaterThan(before?.version ?? 0);
      expect(refused(outcome)).toBe(false);
      expect(outcome.version).toBe(after?.version);
    });
  });

  it('carry stamps that name the last change, and the last of another device', () => {
    eachStep(({ made, before, after, commit }) => {
      for (const [field, { last, other }] of Object.entries(after?.stamps ?? {})) {
        expect(last.n).toBeLessThanOrEqual(after?.version ?? 0);
        if (other) expect([other.sub, other.device]).not.toEqual([last.sub, last.device]);
        if (other) expect(other.n).toBeLessThan(last.n);
        const changed = before && commit?.changes.length === 1 && !sameValue(note.fields[field], before.fields[field], after?.fields[field]);
        if (changed) expect(last).toMatchObject({ n: commit?.n, device: made.step.device, order: made.work.action.order });
      }
    });
  });

  it('tell every scope that saw them before or sees them after, and have an alias while they live', () => {
    eachStep(({ before, after, commit }) => {
      for (const { to, alias, row } of commit?.changes ?? []) {
        expect([...to].sort()).toEqual([...new Set([...(before?.audience ?? []), ...(after?.audience ?? [])])].sort());
        const [was, is] = [before?.state === 'live', row.state === 'live'];
        expect(alias).toBe(was === is ? undefined : is ? 'put' : 'expire');
      }
    });
  });
});
