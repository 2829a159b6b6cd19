import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/service/deps.ts';
import { upload } from '../../src/service/upload.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { civic } from '../../src/domain/civic.ts';
import { adminQuery } from '../../src/service/admin-query.ts';
import { admin, citizen, createWorld, type World } from '../support/world.ts';

const ALICE = citizen('alice');

type Edit = { client_id: string; action_type: string; entity_type: string; entity_id: string; data: { title: string }; base_version: number };

const edit = (i: number): Edit => ({
  client_id: `edit-${i}`,
  action_type: 'update_report',
  entity_type: 'report',
  entity_id: 'r-1',
  data: { title: `title ${i}` },
  base_version: 1,
});

/** Something that others wait for until it is opened. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

async function send(deps: Deps, actions: Edit[]) {
  const request = { envelope: structuredClone({ device_id: 'p', actions }), guardFaults: [], waitMs: 0, representation: false };
  return upload(deps, actorOf(civic, ALICE), request);
}

/**
 * A phone sends its first edits, gives up, and sends them again with one more behind them. The first attempt goes on in the
 * meantime: it is numbered after the resend, and applied before the resend is stored.
 */
async function overtaken(world: World, first: number): Promise<void> {
  const phone = world.phone(ALICE, { deviceId: 'p' });
  phone.act({ action_type: 'create_report', entity_type: 'report', entity_id: 'r-1', data: { title: 'Pothole', category: 'roads' } });
  await phone.sync();
  await world.settle();
  const { devices, inbox } = world.deps;
  const [numbering, storing, numbered] = [gate(), gate(), gate()];
  const slow: Deps = {
    ...world.deps,
    devices: {
      ...devices,
      async countUpload(...args) {
        await numbering.opened;
        return devices.countUpload(...args);
      },
    },
  };
  const later: Deps = {
    ...world.deps,
    inbox: {
      ...inbox,
      async put(...args) {
        numbered.open();
        await storing.opened;
        return inbox.put(...args);
      },
    },
  };
  const edits = Array.from({ length: first }, (_, i) => edit(i));
  const attempt = send(slow, edits);
  const resend = send(later, [...edits, edit(first)]);
  await numbered.opened;
  numbering.open();
  await attempt;
  await world.settle();
  storing.open();
  await resend;
}

describe('a resend that its first attempt overtakes (P3)', () => {
  // 25 actions fill a batch: the new edit then goes alone into the next.
  it.each([1, 25])('keeps the phone’s order: the newest of %i and one edits stands', async (first) => {
    const world = createWorld();
    await overtaken(world, first);
    await world.settle();
    const ids = Array.from({ length: first + 1 }, (_, i) => `edit-${i}`);
    const results = await world.results(ALICE, 'p', ids);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['success']));
    const page = await world.server(ALICE).download({ device_id: 'p' });
    expect(page.data['reports']).toMatchObject([{ title: `title ${first}` }]);
    const { rows } = await adminQuery(world.deps, admin('ada'), { query: 'record_history', params: { entity_type: 'report', entity_id: 'r-1', home: 'user:alice' }, limit: 100 });
    expect(rows.at(-1)).toMatchObject({ client_id: `edit-${first}`, change: 'updated', fields: ['title'] });
  });

  it('also where the batch of the earlier edits is worked and gone before the one of the newest', async () => {
    const world = createWorld();
    await overtaken(world, 25);
    const { inbox } = world.deps;
    // As after a worker that died in between.
    const narrow: Deps = { ...world.deps, inbox: { ...inbox, headers: async (owner) => (await inbox.headers(owner)).slice(0, 1) } };
    await world.deliver({ deps: narrow });
    expect((await inbox.headers({ user: 'alice', device: 'p' })).map(({ actions }) => actions.length)).toEqual([1]);
    await world.heal();
    expect(await world.results(ALICE, 'p', ['edit-25'])).toMatchObject([{ status: 'success' }]);
  });
});
