import { beforeEach, describe, expect, it } from 'vitest';
import type { Commit, EntityRow } from '../../../src/engine/model.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import type { AttachmentRow } from '../../../src/service/ports/attachment-store.ts';
import type { Deps } from '../../../src/service/deps.ts';
import { openLog } from '../../../src/service/redo.ts';
import { verifyAll, verifyScope } from '../../../src/service/verify.ts';
import { PhotoDesk, photo } from '../../support/photos.ts';
import { citizen, createWorld, officer, type World } from '../../support/world.ts';

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');

/** Alice's report on two phones, with a conflict, seen by the department; a task that is done with; a deleted report. */
async function lived(): Promise<World> {
  const world = createWorld({ seed: 3 });
  const phone = world.phone(ALICE, { deviceId: 'phone' });
  const tablet = world.phone(ALICE, { deviceId: 'tablet' });
  const desk = world.phone(OLGA, { deviceId: 'desk' });
  phone.act({ action_type: 'create_report', entity_type: 'report', entity_id: 'r-1', data: { title: 'Hole', category: 'roads' } });
  phone.act({ action_type: 'create_report', entity_type: 'report', entity_id: 'r-2', data: { title: 'Gone', category: 'roads' } });
  desk.act({ action_type: 'create_task', entity_type: 'task', entity_id: 't-1', data: { department: 'roads', title: 'Fill it', assignee: 'alice' } });
  await phone.push();
  await desk.push();
  await world.heal();
  for (const each of [phone, tablet, desk]) await each.pull();
  phone.edit('report', 'r-1', { title: 'Deep hole' });
  phone.delete('report', 'r-2');
  await phone.push();
  await world.heal();
  tablet.edit('report', 'r-1', { title: 'Wide hole' });
  desk.edit('task', 't-1', { visits: { $inc: 1 } });
  await tablet.push();
  await desk.push();
  await world.heal();
  return world;
}

const HOME = 'user:alice';
const AUDIENCE = 'department:roads';

async function kindsIn(deps: Deps, scope: string): Promise<string[]> {
  return (await verifyScope(deps, scope)).findings.map(({ weight, kind }) => `${weight}: ${kind}`);
}

describe('a verification', () => {
  let world: World;
  beforeEach(async () => {
    world = await lived();
  });

  it('finds nothing where all is well, and says how much it compared', async () => {
    const found = [];
    for await (const verification of verifyAll(world.deps)) found.push(verification);
    expect(found.flatMap(({ findings }) => findings)).toEqual([]);
    const home = found.find(({ scope }) => scope === HOME);
    expect(home).toMatchObject({ records: 3, outcomes: 5, conflicts: 1, older: 0 });
    expect(home?.commits.count).toBe(home?.applied);
    expect(found.map(({ scope }) => scope)).toContain(AUDIENCE);
  });

  /** A world as someone sees it for whom these commits are other ones, or none. */
  const logWith = (change: (commit: Commit) => Commit | undefined): Deps => ({
    ...world.deps,
    log: {
      ...world.deps.log,
      async read(...asked) {
        const read = await world.deps.log.read(...asked);
        return { ...read, commits: read.commits.flatMap((commit) => change(structuredClone(commit)) ?? []) };
      },
    },
  });

  /** The same for rows of records. */
  const rowsWith = (change: (row: EntityRow) => EntityRow | undefined): Deps => ({
    ...world.deps,
    entities: {
      ...world.deps.entities,
      async page(...asked) {
        const page = await world.deps.entities.page(...asked);
        return { ...page, rows: page.rows.flatMap((row) => change(structuredClone(row)) ?? []) };
      },
      async get(keys) {
        const rows = [...(await world.deps.entities.get(keys))].flatMap(([key, row]) => {
          const changed = change(structuredClone(row));
          return changed ? [[key, changed] as const] : [];
        });
        return new Map(rows);
      },
    },
  });

  it.each([
    ['a commit is missing', (commit: Commit) => (commit.n === 2 ? undefined : commit), 'damage: hole'],
    ['the newest commit is missing', (commit: Commit) => (commit.n >= 3 ? undefined : commit), 'damage: hole'],
    ['a commit names another predecessor', (commit: Commit) => (commit.n === 2 ? { ...commit, prevAt: commit.prevAt - 1 } : commit), 'damage: wrong_predecessor'],
    ['a commit is older than its predecessor', (commit: Commit) => (commit.n === 2 ? { ...commit, at: commit.prevAt - 1 } : commit), 'damage: time_backwards'],
    ['the head has another time', (commit: Commit) => ({ ...commit, at: commit.at + 1 }), 'damage: head_time'],
    ['an outcome says something else', (commit: Commit) => ({ ...commit, outcomes: commit.outcomes.map((o) => ({ ...o, retries: 9 })) }), 'damage: outcome_differs'],
    ['a commit repeats an outcome', (commit: Commit) => (commit.n === 2 ? { ...commit, outcomes: [...commit.outcomes, { user: 'alice', ...commit.outcomes[0], clientId: 'x' } as never] } : commit), 'damage: outcome_missing'],
    ['a conflict is another', (commit: Commit) => ({ ...commit, conflicts: commit.conflicts.map((c) => ({ ...c, fields: [] })) }), 'damage: conflict_differs'],
    ['a conflict has no row', (commit: Commit) => ({ ...commit, conflicts: commit.conflicts.map((c) => ({ ...c, id: 'other' })) }), 'damage: conflict_missing'],
    ['an image is another', (commit: Commit) => ({ ...commit, changes: commit.changes.map((c) => ({ ...c, row: { ...c.row, updatedBy: 'eve' } })) }), 'damage: record_differs'],
    ['a change is not in the log', (commit: Commit) => ({ ...commit, changes: [] }), 'damage: record_unknown'],
  ])('sees in the log that %s', async (_, change, kind) => {
    expect(await kindsIn(logWith(change), HOME)).toContain(kind);
  });

  it.each([
    ['is missing', (row: EntityRow) => (row.entityId === 'r-1' ? undefined : row), 'damage: record_missing'],
    ['is an old one', (row: EntityRow) => (row.scope === HOME ? { ...row, n: 1 } : row), 'damage: record_stale'],
    ['has another field', (row: EntityRow) => (row.scope === HOME ? { ...row, fields: { title: 'x' } } : row), 'damage: record_differs'],
    ['is of a commit that never was', (row: EntityRow) => (row.scope === HOME ? { ...row, n: 99 } : row), 'damage: record_unknown'],
    ['has the server id of another', (row: EntityRow) => ({ ...row, serverId: row.serverId + 1 }), 'damage: alias_missing'],
    ['has no copy', (row: EntityRow) => (row.scope === AUDIENCE && row.home === HOME ? undefined : row), 'behind: copy_missing'],
    ['has an old copy', (row: EntityRow) => (row.scope === AUDIENCE ? { ...row, version: 1 } : row), 'behind: copy_behind'],
    ['has a copy of other content', (row: EntityRow) => (row.scope === AUDIENCE && row.home === HOME ? { ...row, fields: {} } : row), 'damage: copy_differs'],
  ])('sees that a row %s', async (_, change, kind) => {
    expect(await kindsIn(rowsWith(change), HOME)).toContain(kind);
  });

  it.each([
    ['ahead of its home', (row: EntityRow) => (row.scope === AUDIENCE ? { ...row, version: 99 } : row), 'damage: copy_ahead'],
    ['left over', (row: EntityRow) => (row.scope === HOME ? { ...row, audience: [] } : row), 'behind: copy_left_over'],
  ])('sees from the audience that a copy is %s', async (_, change, kind) => {
    expect(await kindsIn(rowsWith(change), AUDIENCE)).toContain(kind);
  });

  it('sees aliases that lead nowhere or elsewhere, and pointers that are gone', async () => {
    const { entities, conflicts } = world.deps;
    const astray = (key: string | undefined): Deps => ({ ...world.deps, entities: { ...entities, alias: async () => key } });
    expect(await kindsIn(astray(undefined), HOME)).toContain('damage: alias_missing');
    expect(await kindsIn(astray('report#x'), HOME)).toContain('damage: alias_wrong');
    const lost: Deps = { ...world.deps, conflicts: { ...conflicts, pointer: async () => undefined } };
    expect(await kindsIn(lost, HOME)).toEqual(['damage: pointer_missing']);
  });

  it('sees attachments that are not there, of another time, another record\'s, or not told yet', async () => {
    const desk = new PhotoDesk(world);
    const { attachment_id: id } = await desk.announce(ALICE, 'p-1', photo('a'));
    const phone = world.phone(ALICE, { deviceId: 'camera' });
    phone.create('report', { title: 'Seen', category: 'roads', photos: [id] });
    await phone.push();
    await world.heal();
    expect(await kindsIn(world.deps, HOME)).toEqual([]);
    const { attachments } = world.deps;
    const rowWith = (change: (row: AttachmentRow) => AttachmentRow | undefined): Deps => ({
      ...world.deps,
      attachments: { ...attachments, get: async (ids) => new Map([...(await attachments.get(ids))].flatMap(([key, row]) => {
        const changed = change(row);
        return changed ? [[key, changed] as const] : [];
      })) },
    });
    expect(await kindsIn(rowWith(() => undefined), HOME)).toEqual(['damage: attachment_missing']);
    expect(await kindsIn(rowWith((row) => ({ ...row, attachedTo: 'report#r-1#user:alice' })), HOME)).toEqual(['damage: attachment_missing']);
    expect(await kindsIn(rowWith((row) => ({ ...row, n: 1 })), HOME)).toEqual(['damage: attachment_stale']);
    expect(await kindsIn(rowWith((row) => ({ ...row, state: 'ready' })), HOME)).toEqual(['behind: attachment_untold']);
  });

  it('sees an action with two outcomes in one log', async () => {
    const { commits } = await world.ports.log.read(HOME, 0, 99, { strong: true });
    const [first, last] = [commits[0], commits.at(-1)];
    if (!first || !last) throw new Error('no commits');
    const [outcome] = first.outcomes;
    const again: Commit = { ...last, n: last.n + 1, prevAt: last.at, changes: [], conflicts: [], outcomes: outcome ? [outcome] : [] };
    await world.ports.log.put(again);
    await world.ports.log.advance(HOME, again.n, again.at, 0);
    expect(await kindsIn(world.deps, HOME)).toEqual(['damage: outcome_twice']);
  });

  it('says of commits that no worker redid yet that they are behind, and of their views nothing', async () => {
    const { commits } = await world.ports.log.read(HOME, 0, 99, { strong: true });
    const last = commits.at(-1);
    if (!last) throw new Error('no commits');
    const change = { row: { ...(await someRow(world)), n: last.n + 1, version: last.n + 1 }, to: [] };
    await world.ports.log.put({ ...last, n: last.n + 1, prevAt: last.at, changes: [change], conflicts: [], outcomes: [] });
    expect(await kindsIn(world.deps, HOME)).toEqual(['behind: not_redone']);
    await world.ports.entities.put(change.row);
    expect(await kindsIn(world.deps, HOME)).toEqual(['behind: not_redone', 'behind: copy_behind']);
  });

  it('takes commits for expired only if they are old enough, and the jump of an epoch for what it is', async () => {
    world.deps.epoch = 1;
    const phone = world.phone(ALICE, { deviceId: 'later' });
    phone.create('report', { title: 'After the restore', category: 'roads' });
    await phone.push();
    await world.heal();
    expect((await world.deps.log.head(HOME)).applied).toBeGreaterThanOrEqual(1_000_000);
    expect(await kindsIn(world.deps, HOME)).toEqual([]);

    const younger = logWith((commit) => (commit.n === 1 ? undefined : commit));
    expect(await kindsIn(younger, HOME)).toContain('damage: hole');
    await world.clock.advance(TIMES.retentionMs);
    world.ports.expire(world.clock.now());
    expect(await kindsIn(world.deps, HOME)).toEqual([]);
    expect(await kindsIn(younger, HOME)).not.toContain('damage: hole');
  });

  it('takes an epoch in which nothing was written for what it is', async () => {
    const phone = world.phone(ALICE, { deviceId: 'later' });
    await world.clock.advance(1000);
    phone.create('report', { title: 'Before two restores', category: 'roads' });
    await phone.push();
    await world.heal();
    for (const epoch of [1, 2]) {
      world.deps.epoch = epoch;
      await openLog(world.deps, HOME);
      expect(await kindsIn(world.deps, HOME)).toEqual([]);
    }
    const { commits } = await world.deps.log.read(HOME, 0, 99, { strong: true });
    const shortened = logWith((commit) => (commit.scope === HOME && commit.n === commits.at(-1)?.n ? undefined : commit));
    expect(await kindsIn(shortened, HOME)).toContain('damage: hole');
    await world.clock.advance(1000);
    phone.create('report', { title: 'After two restores', category: 'roads' });
    await phone.push();
    await world.heal();
    expect((await world.deps.log.head(HOME)).applied).toBeGreaterThanOrEqual(2_000_000);
    expect(await kindsIn(world.deps, HOME)).toEqual([]);
    expect(await kindsIn(shortened, HOME)).toContain('damage: hole');
  });

  it('proves nothing by commits from before those that time has dropped: it drops them in any order', async () => {
    const { commits: old } = await world.deps.log.read(HOME, 0, 1, { strong: true });
    const phone = world.phone(ALICE, { deviceId: 'phone' });
    await phone.pull();
    phone.edit('report', 'r-1', { title: 'Filled hole' });
    await phone.push();
    await world.heal();
    await world.clock.advance(TIMES.retentionMs);
    world.ports.expire(world.clock.now());
    const { log } = world.deps;
    const read: typeof log.read = async (scope, after, ...rest) => {
      const found = await log.read(scope, after, ...rest);
      return { ...found, commits: [...old.filter((commit) => commit.scope === scope && commit.n > after), ...found.commits] };
    };
    // The first commit made r-1 and r-2: one was edited since, the other deleted and dropped.
    const left: Deps = { ...world.deps, log: { ...log, read } };
    expect((await verifyScope(left, HOME)).commits).toMatchObject({ count: 0 });
    expect(await kindsIn(left, HOME)).toEqual([]);
    phone.create('report', { title: 'Another hole', category: 'roads' });
    await phone.push();
    await world.heal();
    expect((await verifyScope(left, HOME)).commits).toMatchObject({ count: 1 });
    expect(await kindsIn(left, HOME)).toEqual([]);
    const row = await someRow(world);
    await world.ports.entities.put({ ...row, n: 1_000_000 });
    expect(await kindsIn(left, HOME)).toEqual(['damage: record_unknown']);
  });

  it('does not report what a busy scope shows only in passing', async () => {
    let looks = 0;
    const busy: Deps = {
      ...world.deps,
      entities: {
        ...world.deps.entities,
        alias: async (scope, serverId) => (looks++ === 0 ? undefined : world.deps.entities.alias(scope, serverId)),
      },
    };
    expect(await kindsIn(busy, HOME)).toEqual([]);
    expect(looks).toBeGreaterThan(1);
  });
});

async function someRow(world: World): Promise<EntityRow> {
  const [row] = (await world.deps.entities.find(HOME, 'report', 'r-1')).values();
  if (!row) throw new Error('no row');
  return row;
}
