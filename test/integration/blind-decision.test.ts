import { describe, expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { actorOf } from '../../src/engine/domain.ts';
import type { ResolveRequest } from '../../src/protocol/conflict.ts';
import { resolveConflict } from '../../src/service/resolve.ts';
import { contestedTitle } from '../support/contested.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

describe('decisions without server_version (P4)', () => {
  it('are held against the conflict as it was when they came, not as an earlier decision refreshed it', async () => {
    const world = createWorld();
    const { a, b, id, conflictId } = await contestedTitle(world, ALICE);
    await a.sync();
    a.edit('report', id, { title: 'Mended pothole' });
    await a.push();

    const decide = (decision: Omit<ResolveRequest, 'conflict_id'>) =>
      resolveConflict(world.deps, actorOf(civic, ALICE), { conflict_id: conflictId, ...decision }, 0);
    // Both wait in one queue behind the change that neither has seen.
    await expect(decide({ strategy: 'client_wins' })).rejects.toThrow('no outcome yet');
    await expect(decide({ strategy: 'manual', resolved_data: { title: 'Long pothole' } })).rejects.toThrow('no outcome yet');
    await world.settle();
    await b.sync();
    expect(b.holdings.all().map(({ title }) => title)).toEqual(['Mended pothole']);
  });
});
