import { describe, expect, it } from 'vitest';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');
const VISIBILITY_MS = 60_000;

/** A worker that makes the roads department's copy of a report stands still just before its commit; meanwhile `act`. */
async function overtaken(act: (world: ReturnType<typeof createWorld>, id: string) => Promise<void>) {
  const world = createWorld({ queue: { visibilitySeconds: VISIBILITY_MS / 1000 } });
  const phone = world.phone(ALICE, { deviceId: 'a' });
  const { client_id: id } = phone.create('report', { title: 'Pothole', category: 'roads' });
  await phone.push();
  await world.deliver();
  const { log } = world.deps;
  let stood = false;
  const slow = {
    ...world.deps,
    log: {
      ...log,
      async put(commit: Parameters<typeof log.put>[0]) {
        if (commit.scope === 'department:roads' && !stood) {
          stood = true;
          await act(world, id);
        }
        return log.put(commit);
      },
    },
  };
  await world.deliver({ deps: slow });
  await world.heal();
  expect(stood).toBe(true);
  return world.ports.entities.rows().filter((row) => row.scope === 'department:roads' && row.state === 'live');
}

describe('an audience message that is worked on while a later one is done (P6, P10)', () => {
  it('leaves no copy behind of a record that has meanwhile moved elsewhere', async () => {
    const copies = await overtaken(async (world, id) => {
      const phone = world.phone(ALICE, { deviceId: 'b' });
      await phone.sync();
      phone.edit('report', id, { category: 'parks' });
      await phone.push();
      await world.settle();
      // The message comes again, to someone who finds that there is nothing to do.
      await world.clock.advance(VISIBILITY_MS);
      await world.settle();
    });
    expect(copies).toEqual([]);
  });

  it('leaves no copy behind of a record that has meanwhile been deleted', async () => {
    const copies = await overtaken(async (world, id) => {
      const phone = world.phone(ALICE, { deviceId: 'b' });
      await phone.sync();
      phone.delete('report', id);
      await phone.push();
      await world.settle();
      // The message comes again, to someone who finds that there is nothing to do.
      await world.clock.advance(VISIBILITY_MS);
      await world.settle();
    });
    expect(copies).toEqual([]);
  });
});
