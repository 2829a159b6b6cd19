import { expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { redrive } from '../../src/service/redrive.ts';
import { resolveConflict } from '../../src/service/resolve.ts';
import { contestedTitle } from '../support/contested.ts';
import { admin, citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');
const ROOT = admin('root');

/** A world with a conflict, in which every change of a report fails while the bug is there. */
async function fragile() {
  const { report: type } = civic.types;
  if (!type) throw new Error('the domain has reports');
  const bug = { there: false };
  const checkChange: typeof type.checkChange = (before, after) => {
    if (bug.there) throw new RangeError('a bug in the domain');
    return type.checkChange?.(before, after) ?? [];
  };
  const world = createWorld({ domain: { ...civic, types: { ...civic.types, report: { ...type, checkChange } } } });
  const { conflictId } = await contestedTitle(world, ALICE);
  const decide = () => resolveConflict(world.deps, actorOf(civic, ALICE), { conflict_id: conflictId, strategy: 'client_wins' }, 0);
  const batches = () => world.ports.inbox.rows().headers.map(({ state }) => state);
  return { world, bug, decide, batches, conflictId };
}

it('a decision that died of a bug is tried again when it is sent again (P1)', async () => {
  const { world, bug, decide, batches } = await fragile();
  bug.there = true;
  await expect(decide()).rejects.toThrow('no outcome yet');
  await world.heal();
  expect(batches()).toEqual(['dead']);

  await expect(decide()).rejects.toThrow('no outcome yet');
  expect(batches()).toEqual(['pending']);
  bug.there = false;
  await world.settle();
  expect(await decide()).toMatchObject({ success: true, conflict: { status: 'resolved' }, record: { title: 'Wide pothole' } });
});

it('a decision that an admin discarded is asked for again, and can be made again in the same words', async () => {
  const { world, bug, decide, batches, conflictId } = await fragile();
  bug.there = true;
  await expect(decide()).rejects.toThrow('no outcome yet');
  await world.heal();
  expect(batches()).toEqual(['dead']);
  // Somebody still waits for its outcome when it is discarded.
  const waiting = resolveConflict({ ...world.deps, inbox: { ...world.deps.inbox, headers: async (owner) => {
    const headers = await world.deps.inbox.headers(owner);
    await redrive(world.deps, actorOf(civic, ROOT), { all: true, discard: true });
    await world.settle();
    return headers;
  } } }, actorOf(civic, ALICE), { conflict_id: conflictId, strategy: 'client_wins' }, 0);
  await expect(waiting).rejects.toMatchObject({ code: 'conflict_changed', members: { conflict: { status: 'unresolved' } } });
  expect(batches()).toEqual([]);

  bug.there = false;
  await expect(decide()).rejects.toThrow('no outcome yet');
  expect(batches()).toEqual(['pending']);
  await world.settle();
  expect(await decide()).toMatchObject({ success: true, conflict: { status: 'resolved' }, record: { title: 'Wide pothole' } });
});
