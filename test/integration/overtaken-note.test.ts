import { describe, expect, it } from 'vitest';
import type { Commit } from '../../src/engine/model.ts';
import type { Deps } from '../../src/service/deps.ts';
import { Trouble } from '../../src/service/errors.ts';
import type { Message } from '../../src/service/ports/queue.ts';
import { citizen, createWorld, workOn } from '../support/world.ts';

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

describe('a commit without content, which keeps slower workers from the scope', () => {
  /** The message about a report that was deleted before the roads department heard of it; `put` is what workers find the log to do. */
  async function deletedUnheard(put: (log: Deps['log'], commit: Commit) => Promise<'put' | 'taken'>) {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'a' });
    const { client_id: id } = phone.create('report', { title: 'Pothole', category: 'roads' });
    await phone.push();
    const notes: { id: string; message: Message }[] = [];
    const keepNotes: Deps = { ...world.deps, queue: { ...world.deps.queue, send: async (sent) => void notes.push(...sent) } };
    await world.deliver({ deps: keepNotes });
    await phone.sync();
    phone.delete('report', id);
    await phone.push();
    await world.deliver({ deps: keepNotes });
    expect(notes).toHaveLength(2);
    await world.deps.queue.send(notes.slice(0, 1));
    const [received] = await world.ports.queue.receive(1);
    if (!received) throw new Error('nothing came');
    const { log } = world.deps;
    const faulty: Deps = { ...world.deps, log: { ...log, put: (commit) => (commit.scope === 'department:roads' ? put(log, commit) : log.put(commit)) } };
    return { world, received, work: (by: Deps = faulty) => workOn(by, [received]) };
  }

  /** The same, where the commit is put and its answer is lost; `lost`: how often. */
  async function answerLost() {
    let times = 0;
    const told = await deletedUnheard(async (log, commit) => {
      await log.put(commit);
      times++;
      throw new Trouble('log.put lost', undefined);
    });
    return { ...told, lost: () => times };
  }

  it('is applied although its answer was lost and its message is gone (P13)', async () => {
    const { world, received, work, lost } = await answerLost();
    await work();
    // Another worker, which had the same message, completes it.
    await world.ports.queue.delete(received.receipt);
    expect(lost()).toBe(1);

    await world.heal();
    const { log } = world.deps;
    const { applied } = await log.head('department:roads');
    const { commits } = await log.read('department:roads', 0, 100, { strong: true });
    expect(applied).toBe(commits.at(-1)?.n);
    expect(world.ports.inbox.rows().notes).toEqual([]);
  });

  it('is applied although another worker, done with the same message, takes its note away (P13)', async () => {
    const { world, received, work, lost } = await answerLost();
    const { log, inbox } = world.deps;
    const unpark: Deps['inbox']['unpark'] = async (...row) => {
      if (lost() === 0) await work();
      await inbox.unpark(...row);
    };
    await work({ ...world.deps, inbox: { ...inbox, unpark } });
    await world.ports.queue.delete(received.receipt);
    expect(lost()).toBe(1);

    await world.heal();
    const { commits } = await log.read('department:roads', 0, 100, { strong: true });
    expect((await log.head('department:roads')).applied).toBe(commits.at(-1)?.n);
    expect(world.ports.inbox.rows().notes).toEqual([]);
  });

  it('leaves one note behind, however often it can not be put (P13)', async () => {
    const { world, work } = await deletedUnheard(async () => {
      throw new Trouble('log.put fails', undefined);
    });
    for (let i = 0; i < 5; i++) await work();
    expect(world.ports.inbox.rows().notes).toHaveLength(1);
    await world.heal();
    expect(world.ports.inbox.rows().notes).toEqual([]);
  });
});
