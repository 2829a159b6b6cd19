import { describe, expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { actorOf } from '../../src/engine/domain.ts';
import type { Claims } from '../../src/engine/model.ts';
import type { ResolveRequest } from '../../src/protocol/conflict.ts';
import { listConflicts } from '../../src/service/conflicts.ts';
import { resolveConflict } from '../../src/service/resolve.ts';
import { status } from '../../src/service/status.ts';
import { twoPhones } from '../support/contested.ts';
import { admin, citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');
const DAY_MS = 24 * 3600_000;

/** Alice's edit of a report that she had deleted elsewhere waits for a decision; 95 days later the tombstone is gone. */
async function forgotten() {
  const world = createWorld();
  const { a, b, id } = await twoPhones(world, ALICE);
  a.delete('report', id);
  await a.push();
  await world.settle();
  b.edit('report', id, { title: 'Wide pothole' });
  await b.push();
  await world.settle();
  await world.clock.advance(95 * DAY_MS);
  world.ports.expire(world.clock.now());
  const caller = actorOf(civic, ALICE);
  const [conflict] = (await listConflicts(world.deps, caller, {})).conflicts;
  if (!conflict) throw new Error('there is no conflict');
  const decide = async (claims: Claims, decision: Omit<ResolveRequest, 'conflict_id'>) => {
    const answer = resolveConflict(world.deps, actorOf(civic, claims), { conflict_id: conflict.id, ...decision }, 5000);
    answer.catch(() => {});
    // It is queued, done, and looked for again.
    await new Promise(setImmediate);
    await world.settle();
    await world.clock.advance(5000);
    return answer;
  };
  return { world, caller, conflict, decide };
}

describe('a conflict that outlived the tombstone of its record', () => {
  it.each([ALICE, admin('ada')])('is settled by server_wins, and is no open question any more (%#)', async (claims) => {
    const { world, caller, conflict, decide } = await forgotten();
    expect(conflict).toMatchObject({ status: 'unresolved', record: null, client_data: { title: 'Wide pothole' } });
    const settled = await decide(claims, { strategy: 'server_wins' });
    expect(settled).toMatchObject({ success: true, record: null, conflict: { id: conflict.id, status: 'resolved', resolved_by: claims.sub } });
    expect(await decide(claims, { strategy: 'server_wins' })).toEqual(settled);
    expect((await listConflicts(world.deps, caller, {})).conflicts).toEqual([]);
    expect(await status(world.deps, caller, 'b')).toMatchObject({ conflicts: 0 });
  });

  it.each([{ strategy: 'client_wins' as const }, { strategy: 'manual' as const, resolved_data: { title: 'Hole' } }])(
    'can not bring the record back: $strategy says why, and changes nothing (P9)',
    async (decision) => {
      const { world, caller, conflict, decide } = await forgotten();
      await expect(decide(ALICE, decision)).rejects.toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/strategy', code: 'record_forgotten' }] });
      expect((await listConflicts(world.deps, caller, {})).conflicts).toMatchObject([{ id: conflict.id, status: 'unresolved' }]);
    },
  );
});
