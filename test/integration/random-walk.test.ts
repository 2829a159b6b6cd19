import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globalKey, recordKey } from '../../src/engine/keys.ts';
import { civic } from '../../src/domain/civic.ts';
import { RESOLVE_DEVICE } from '../../src/service/resolve.ts';
import { allOutcomes, outcomeCounts, snapshot } from '../support/observe.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { steps, Walk } from '../support/walk.ts';

/** More by `PROPERTY_RUNS=5000`. */
const RUNS = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60) };

async function walked(seed: number, path: Parameters<Walk['take']>[0][]): Promise<Walk> {
  const walk = new Walk(seed);
  for (const step of path) await walk.take(step);
  await walk.comeToRest();
  return walk;
}

describe('whatever phones do, and whatever dies, comes twice or crosses', { timeout: 600_000 }, () => {
  it('in the end every device holds what a fresh snapshot holds, page by page or at once (P5, P6, P9)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), steps, async (seed, path) => {
        const walk = await walked(seed, path);
        for (const [i, phone] of walk.phones.entries()) {
          const fresh = await snapshot(walk.world, Walk.claimsOf(i));
          expect(phone.holdings.all()).toEqual(fresh);
          expect(await snapshot(walk.world, Walk.claimsOf(i), 1)).toEqual(fresh);
        }
        expectCopiesToFollow(walk);
      }),
      RUNS,
    );
  });

  it('every action has exactly one outcome, and nothing is left over (P1, P2, P13)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), steps, async (seed, path) => {
        const walk = await walked(seed, path);
        const outcomes = await allOutcomes(walk.world);
        const counts = outcomeCounts(outcomes);
        const sent = walk.done.map(({ user, action }) => `${user} ${action.client_id}`);
        const ofPhones = outcomeCounts(outcomes.filter(({ device }) => device !== RESOLVE_DEVICE));
        expect([...ofPhones.keys()].sort()).toEqual(sent.sort());
        expect([...counts.values()].every((count) => count === 1)).toBe(true);
        expect(walk.world.ports.inbox.rows()).toEqual({ headers: [], notes: [] });
        expect(walk.world.report.alarms()).toEqual([]);
        for await (const { scope, head } of walk.world.ports.log.heads()) {
          const { commits } = await walk.world.ports.log.read(scope, head.applied, Number.MAX_SAFE_INTEGER, { strong: true });
          expect(commits).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('no edit is overwritten by someone who had not seen it, unless a conflict keeps both (P4)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), steps, async (seed, path) => {
        const walk = await walked(seed, path);
        await expectNothingLost(walk);
      }),
      RUNS,
    );
  });

  it('what a device was once told stays true (P2, P7)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), steps, async (seed, path) => {
        const walk = await walked(seed, path);
        const outcomes = new Map((await allOutcomes(walk.world)).map((outcome) => [outcome.clientId, outcome]));
        for (const result of walk.answers.flatMap((answer) => answer.results)) {
          if (result.status === 'queued') continue;
          expect(result.status).toBe(outcomes.get(result.client_id)?.status);
          expect(result.version).toBe(outcomes.get(result.client_id)?.version);
        }
      }),
      RUNS,
    );
  });
});

/** Every audience copy is the image of its home, and exactly those that belong to an audience have one. */
function expectCopiesToFollow(walk: Walk): void {
  const rows = walk.world.ports.entities.rows();
  const copies = new Map(rows.filter((row) => row.scope !== row.home).map((row) => [`${row.scope} ${globalKey(row.home, row.type, row.entityId)}`, row]));
  for (const home of rows.filter((row) => row.scope === row.home)) {
    const audience = home.state === 'live' ? (civic.types[home.type]?.audienceOf(home.fields) ?? []) : [];
    for (const [key, copy] of copies) {
      if (!key.endsWith(` ${globalKey(home.home, home.type, home.entityId)}`)) continue;
      expect(copy.state === 'live', recordKey(copy.scope, copy.home, copy.type, copy.entityId)).toBe(audience.includes(copy.scope));
      if (copy.state === 'live') expect({ v: copy.version, f: copy.fields }).toEqual({ v: home.version, f: home.fields });
    }
    for (const scope of audience.filter((name) => name !== home.home)) {
      expect(copies.has(`${scope} ${globalKey(home.home, home.type, home.entityId)}`)).toBe(true);
    }
  }
}
