import { expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { resolveConflict } from '../../src/service/resolve.ts';
import { contestedTitle } from '../support/contested.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

it('a decision that died of a bug is tried again when it is sent again (P1)', async () => {
  const { report: type } = civic.types;
  if (!type) throw new Error('the domain has reports');
  let broken = false;
  const checkChange: typeof type.checkChange = (before, after) => {
    if (broken) throw new RangeError('a bug in the domain');
    return type.checkChange?.(before, after) ?? [];
  };
  const world = createWorld({ domain: { ...civic, types: { ...civic.types, report: { ...type, checkChange } } } });
  const { conflictId } = await contestedTitle(world, ALICE);
  const decide = () => resolveConflict(world.deps, actorOf(civic, ALICE), { conflict_id: conflictId, strategy: 'client_wins' }, 0);
  const batches = () => world.ports.inbox.rows().headers.map(({ state }) => state);

  broken = true;
  await expect(decide()).rejects.toThrow('no outcome yet');
  await world.heal();
  expect(batches()).toEqual(['dead']);

  await expect(decide()).rejects.toThrow('no outcome yet');
  expect(batches()).toEqual(['pending']);
  broken = false;
  await world.settle();
  expect(await decide()).toMatchObject({ success: true, conflict: { status: 'resolved' }, record: { title: 'Wide pothole' } });
});
