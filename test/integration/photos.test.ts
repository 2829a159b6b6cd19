import { describe, expect, it } from 'vitest';
import type { Claims } from '../../src/engine/model.ts';
import { LIMITS, TIMES } from '../../src/protocol/limits.ts';
import { check } from '../../src/service/attachments/check.ts';
import { PHOTO_DEVICE } from '../../src/service/attachments/tell.ts';
import { redrive } from '../../src/service/redrive.ts';
import { resolveConflict } from '../../src/service/resolve.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { PhotoDesk, photo } from '../support/photos.ts';
import { admin, citizen, createWorld, officer, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const BOB = citizen('bob');
const OLGA = officer('olga', 'roads');
const MINUTE = 60_000;

function town(): { world: World; desk: PhotoDesk; phoneOf: (claims: Claims, deviceId?: string) => ReturnType<World['phone']> } {
  const world = createWorld();
  return { world, desk: new PhotoDesk(world), phoneOf: (claims, deviceId = `${claims.sub}-1`) => world.phone(claims, { deviceId }) };
}

const REPORT = { title: 'Pothole', category: 'roads' };

/** A report of alice's that names a photo whose bytes are still to come. */
async function awaitedPhoto() {
  const { world, desk, phoneOf } = town();
  const alice = phoneOf(ALICE);
  const announced = await desk.announce(ALICE, 'p-1', photo('a'));
  const id = announced.attachment_id;
  const { client_id: report } = alice.create('report', { ...REPORT, photos: [id] });
  await alice.push();
  await world.settle();
  return { world, desk, alice, announced, id, report };
}

describe('a photo', () => {
  it('that came first is ready with the report that names it, and stays when orphans go', async () => {
    const { world, desk, phoneOf } = town();
    const [alice, olga] = [phoneOf(ALICE), phoneOf(OLGA)];
    const announced = await desk.announce(ALICE, 'p-1', photo('a'));
    const id = announced.attachment_id;
    expect(announced).toMatchObject({ state: 'awaited', upload: { method: 'PUT' } });
    expect(desk.send(announced, photo('a'))).toBe(true);
    await desk.arrived(id);
    const { client_id: report } = alice.create('report', { ...REPORT, photos: [id] });
    await alice.push();
    await world.settle();
    await alice.sync();
    await olga.pull();
    for (const phone of [alice, olga]) expect(phone.holdings.find('report', report)).toMatchObject({ version: 1, photos: [id], attachment_states: { [id]: 'ready' } });
    expect(await desk.see(OLGA, id, report)).toEqual(photo('a'));
    // Linking made it due: the next run moves it to where nothing expires.
    expect(await desk.sweep()).toEqual({ checked: 1, failed: 0 });
    expect(desk.objects.keys()).toEqual([`incoming/${id}`, `photos/${id}`]);
    await desk.objects.remove('incoming', id);
    expect(await desk.see(OLGA, id, report)).toEqual(photo('a'));
    expect(await desk.sweep()).toEqual({ checked: 0, failed: 0 });
  });

  it('that comes later is awaited, and every device gets a new version of the report when it is here (P5, P6, P8)', async () => {
    const { world, desk, phoneOf } = town();
    const [alice, olga] = [phoneOf(ALICE), phoneOf(OLGA)];
    const announced = await desk.announce(ALICE, 'p-1', photo('a'));
    const id = announced.attachment_id;
    const { client_id: report } = alice.create('report', { ...REPORT, photos: [id] });
    await alice.push();
    await world.settle();
    await olga.pull();
    expect(olga.holdings.find('report', report)).toMatchObject({ attachment_states: { [id]: 'awaited' } });
    expect(await desk.see(OLGA, id, report)).toBeUndefined();

    desk.send(announced, photo('a'));
    await desk.arrived(id);
    await world.settle();
    for (const phone of [alice, olga]) {
      await phone.sync();
      expect(phone.holdings.find('report', report)).toMatchObject({ version: 2, updated_by: 'alice', attachment_states: { [id]: 'ready' } });
    }
    expect(await desk.see(OLGA, id, report)).toEqual(photo('a'));
    expect(world.ports.inbox.rows().headers.filter(({ owner }) => owner.device === PHOTO_DEVICE)).toEqual([]);
    // The same event twice, and the minute's run: nothing more.
    await desk.arrived(id);
    await desk.sweep();
    await world.settle();
    await olga.pull();
    expect(olga.holdings.find('report', report)?.version).toBe(2);
  });

  it('whose event is lost is found when its link has run out, or within a minute when someone asks for it', async () => {
    const { world, desk, phoneOf } = town();
    const alice = phoneOf(ALICE);
    const sent = await Promise.all(['p-1', 'p-2'].map((clientId) => desk.announce(ALICE, clientId, photo(clientId))));
    const [first, second] = sent.map(({ attachment_id: id }) => id) as [string, string];
    const { client_id: report } = alice.create('report', { ...REPORT, photos: [first] });
    await alice.push();
    await world.settle();
    await desk.sweep();
    desk.send(sent[0]!, photo('p-1'));
    desk.send(sent[1]!, photo('p-2'));
    await desk.sweep();
    // The link was not due: the report's commit had it looked for before it came.
    expect(world.ports.attachments.rows().map(({ state }) => state).sort()).toEqual(['awaited', 'awaited']);
    expect(await desk.see(OLGA, first, report)).toBeUndefined();
    expect(await desk.sweep()).toEqual({ checked: 1, failed: 0 });
    await world.settle();
    expect(await desk.see(OLGA, first, report)).toEqual(photo('p-1'));
    await world.clock.advance(LIMITS.linkSeconds * 1000 + MINUTE);
    await desk.sweep();
    const states = await world.ports.attachments.get([second]);
    expect(states.get(second)).toMatchObject({ state: 'ready' });
  });

  it('that is asked for before it is here is still looked for as often without anybody asking', async () => {
    const { world, desk, announced, id, report } = await awaitedPhoto();
    await desk.sweep();
    for (let look = 0; look < 4; look++) {
      await world.clock.advance(MINUTE);
      expect(await desk.see(OLGA, id, report)).toBeUndefined();
      expect(await desk.sweep()).toEqual({ checked: 1, failed: 0 });
    }
    expect(desk.send(announced, photo('a'))).toBe(true);
    await world.clock.advance(10 * MINUTE);
    await desk.sweep();
    await world.settle();
    expect(await desk.see(OLGA, id, report)).toEqual(photo('a'));
  });

  it('whose word an admin discarded is not told again every minute', async () => {
    const { world, desk, announced, id } = await awaitedPhoto();
    desk.send(announced, photo('a'));
    await desk.arrived(id);
    const [word] = world.ports.inbox.rows().headers;
    if (word?.owner.device !== PHOTO_DEVICE) throw new Error('The word of the photo is not in the inbox.');
    await world.ports.inbox.change(word, { state: 'dead', changedAt: world.clock.now() });
    await redrive(world.deps, actorOf(world.deps.engine.domain, admin('root')), { all: true, discard: true });
    await world.settle();
    expect(world.ports.inbox.rows().headers).toEqual([]);
    await world.clock.advance(2 * MINUTE);
    await desk.sweep();
    await world.settle();
    await world.clock.advance(2 * MINUTE);
    expect(await desk.sweep()).toEqual({ checked: 0, failed: 0 });
  });

  it('is looked for again and again, ever more seldom, and then no more until it is announced again', async () => {
    const { world, desk } = town();
    const { attachment_id: id } = await desk.announce(ALICE, 'p-1', photo('a'));
    const looks: number[] = [];
    for (let minute = 0; minute < 48 * 60; minute++) {
      await world.clock.advance(MINUTE);
      if ((await desk.sweep()).checked > 0) looks.push(minute + 1);
    }
    expect(looks).toEqual([6, 16, 76, 436, 1876]);
    const again = await desk.announce(ALICE, 'p-1', photo('a'));
    expect(again).toMatchObject({ attachment_id: id, state: 'awaited' });
    desk.send(again, photo('a'));
    await world.clock.advance(6 * MINUTE);
    await desk.sweep();
    expect(await desk.announce(ALICE, 'p-1', photo('a'))).toEqual({ success: true, attachment_id: id, state: 'ready', upload: null });
  });

  it('that was checked between the worker\'s read and its redo becomes ready all the same', async () => {
    const { world, desk, phoneOf } = town();
    const alice = phoneOf(ALICE);
    const announced = await desk.announce(ALICE, 'p-1', photo('a'));
    const id = announced.attachment_id;
    desk.send(announced, photo('a'));
    const { client_id: report } = alice.create('report', { ...REPORT, photos: [id] });
    await alice.push();
    // The check runs right after the commit was put: before the link, which shows what the worker had read.
    const log = { ...world.deps.log, put: async (commit: Parameters<typeof world.deps.log.put>[0]) => {
      const put = await world.deps.log.put(commit);
      await desk.arrived(id);
      return put;
    } };
    await world.deliver({ deps: { ...world.deps, log } });
    expect(world.ports.entities.rows()[0]).toMatchObject({ version: 1, attachments: { [id]: 'awaited' } });
    await world.settle();
    await alice.sync();
    expect(alice.holdings.find('report', report)).toMatchObject({ version: 2, attachment_states: { [id]: 'ready' } });
  });

  it('of other bytes, another type or another length is refused, and the report says so', async () => {
    const { world, desk, phoneOf } = town();
    const alice = phoneOf(ALICE);
    const wrong = [
      (id: string) => desk.objects.place(`incoming/${id}`, photo('b'), 'image/jpeg'),
      (id: string) => desk.objects.place(`incoming/${id}`, photo('a'), 'image/png'),
      (id: string) => desk.objects.place(`incoming/${id}`, photo('a', 101), 'image/jpeg'),
    ];
    const ids: string[] = [];
    for (const [i, place] of wrong.entries()) {
      const announced = await desk.announce(ALICE, `p-${i}`, photo('a'));
      expect(desk.send(announced, photo('b'))).toBe(false);
      place(announced.attachment_id);
      ids.push(announced.attachment_id);
    }
    const { client_id: report } = alice.create('report', { ...REPORT, photos: ids });
    await alice.push();
    await world.settle();
    for (const id of ids) await desk.arrived(id);
    await world.settle();
    await alice.sync();
    expect(alice.holdings.find('report', report)).toMatchObject({ attachment_states: Object.fromEntries(ids.map((id) => [id, 'refused'])) });
    for (const id of ids) expect(await desk.see(ALICE, id, report)).toBeUndefined();
    expect(await desk.announce(ALICE, 'p-0', photo('a'))).toMatchObject({ state: 'refused', upload: null });
  });
});

describe('who announces', () => {
  it('may say other content under the same client_id only once, and others\' ids are their own', async () => {
    const { desk } = town();
    const { attachment_id: id } = await desk.announce(ALICE, 'p-1', photo('a'));
    await expect(desk.announce(ALICE, 'p-1', photo('b'))).rejects.toMatchObject({ code: 'client_id_reused' });
    expect((await desk.announce(BOB, 'p-1', photo('b'))).attachment_id).not.toBe(id);
  });

  it('is stopped at a day\'s measure, and may go on the next day', async () => {
    const { world, desk } = town();
    for (let i = 0; i < LIMITS.attachmentsPerDay; i++) await desk.announce(ALICE, `p-${i}`, photo('a', 1));
    await expect(desk.announce(ALICE, 'more', photo('a'))).rejects.toMatchObject({ code: 'too_many_attachments', retryAfterSeconds: 24 * 3600 });
    expect(await desk.announce(ALICE, 'p-0', photo('a', 1))).toMatchObject({ state: 'awaited' });
    expect(await desk.announce(BOB, 'p-0', photo('a', 1))).toMatchObject({ state: 'awaited' });
    await world.clock.advance(24 * 60 * MINUTE);
    expect(await desk.announce(ALICE, 'more', photo('a'))).toMatchObject({ state: 'awaited' });
  });

  it('gets a fresh link that works where the old one has run out', async () => {
    const { world, desk } = town();
    const first = await desk.announce(ALICE, 'p-1', photo('a'));
    await world.clock.advance((LIMITS.linkSeconds + 1) * 1000);
    expect(desk.send(first, photo('a'))).toBe(false);
    expect(desk.send(await desk.announce(ALICE, 'p-1', photo('a')), photo('a'))).toBe(true);
  });
});

describe('only who announced a photo', () => {
  const FAULT = { status: 'rejected', error: { code: 'validation_failed', errors: [{ pointer: '/actions/0/data/photos', code: 'unknown_attachment' }] } };

  it('adds it, to one report: others\', unknown and taken ones are refused alike (P10)', async () => {
    const { world, desk, phoneOf } = town();
    const [alice, bob] = [phoneOf(ALICE), phoneOf(BOB)];
    const { attachment_id: id } = await desk.announce(ALICE, 'p-1', photo('a'));
    const results: unknown[] = [];
    const tries = [{ phone: bob, data: { photos: [id] } }, { phone: bob, data: { photos: ['nothing'] } }, { phone: bob, data: { photos: { $add: [id] } } }];
    for (const { phone, data } of tries) {
      const { client_id: clientId } = phone.create('report', { ...REPORT, ...data });
      await phone.push();
      await world.settle();
      await phone.push();
      results.push({ ...phone.results.get(clientId), client_id: 'x', entity_id: 'x' });
    }
    expect(results[0]).toMatchObject(FAULT);
    expect(results).toEqual([results[0], results[0], results[0]]);

    alice.create('report', { ...REPORT, photos: [id] });
    const second = alice.create('report', { ...REPORT, photos: [id] });
    await alice.push();
    await world.settle();
    await alice.sync();
    expect(alice.results.get(second.client_id)).toMatchObject({ status: 'rejected', error: { code: 'validation_failed' } });
    // And in a commit of its own.
    const third = alice.create('report', { ...REPORT, photos: [id] });
    await alice.push();
    await world.settle();
    await alice.sync();
    expect(alice.results.get(third.client_id)).toMatchObject({ status: 'rejected', error: { code: 'validation_failed' } });
  });

  it('adds and removes it with operators, and one that nobody named in time is unknown', async () => {
    const { world, desk, phoneOf } = town();
    const alice = phoneOf(ALICE);
    const { client_id: report } = alice.create('report', REPORT);
    await alice.push();
    await world.settle();
    await alice.sync();
    const { attachment_id: id } = await desk.announce(ALICE, 'p-1', photo('a'));
    const { attachment_id: late } = await desk.announce(ALICE, 'p-2', photo('a'));
    const edit = async (data: Parameters<typeof alice.edit>[2]) => {
      const { client_id: clientId } = alice.edit('report', report, data);
      await alice.push();
      await world.settle();
      await alice.sync();
      return alice.results.get(clientId);
    };
    expect(await edit({ photos: { $add: [id] } })).toMatchObject({ status: 'success' });
    expect(alice.holdings.find('report', report)).toMatchObject({ photos: [id], attachment_states: { [id]: 'awaited' } });
    expect(await edit({ photos: { $remove: [id] } })).toMatchObject({ status: 'success' });
    expect(alice.holdings.find('report', report)).not.toHaveProperty('attachment_states');
    expect(await edit({ photos: [id] })).toMatchObject({ status: 'success' });
    await world.clock.advance(TIMES.attachmentUnusedMs);
    expect(await edit({ photos: { $add: [late] } })).toMatchObject(FAULT);
    expect(await edit({ title: 'Deep pothole', photos: [id] })).toMatchObject({ status: 'success' });
  });
});

describe('deleting a report', () => {
  async function withPhoto() {
    const { world, desk, phoneOf } = town();
    const alice = phoneOf(ALICE);
    const announced = await desk.announce(ALICE, 'p-1', photo('a'));
    const id = announced.attachment_id;
    desk.send(announced, photo('a'));
    await desk.arrived(id);
    const { client_id: report } = alice.create('report', { ...REPORT, photos: [id] });
    await alice.push();
    await world.settle();
    await alice.sync();
    await desk.sweep();
    return { world, desk, phoneOf, alice, id, report };
  }

  it('hides its photos at once and removes them after a week', async () => {
    const { world, desk, alice, id, report } = await withPhoto();
    alice.delete('report', report);
    await alice.push();
    await world.settle();
    expect(await desk.see(ALICE, id, report)).toBeUndefined();
    await world.clock.advance(TIMES.attachmentReleasedMs - 1);
    await desk.sweep();
    expect(desk.objects.keys()).toContain(`photos/${id}`);
    await world.clock.advance(1);
    expect(await desk.sweep()).toEqual({ checked: 1, failed: 0 });
    expect(desk.objects.keys()).toEqual([]);
    expect(world.ports.attachments.rows()).toEqual([]);
  });

  it.each([['in time', 0, 'ready'], ['too late', TIMES.attachmentReleasedMs, 'refused']] as const)('that a decision brings back %s shows its photos, or says that they are gone', async (_, waited, state) => {
    const { world, desk, phoneOf, alice, id, report } = await withPhoto();
    const tablet = phoneOf(ALICE, 'tablet');
    await tablet.pull();
    alice.delete('report', report);
    await alice.push();
    await world.settle();
    const edit = tablet.edit('report', report, { title: 'Still there' });
    await tablet.push();
    await world.settle();
    await tablet.push();
    await world.clock.advance(waited);
    await desk.sweep();
    const conflict = tablet.results.get(edit.client_id)?.conflict_id ?? '';
    // It does not wait for its outcome: the worker is still to come.
    await expect(resolveConflict(world.deps, actorOf(world.deps.engine.domain, ALICE), { conflict_id: conflict, strategy: 'client_wins' }, 0)).rejects.toThrow('no outcome yet');
    await world.settle();
    await tablet.sync();
    expect(tablet.holdings.find('report', report)).toMatchObject({ title: 'Still there', photos: [id], attachment_states: { [id]: state } });
    expect(await desk.see(ALICE, id, report)).toEqual(state === 'ready' ? photo('a') : undefined);
  });

  it('whose photo arrived meanwhile shows it as ready when a decision brings it back (P5, P13)', async () => {
    const { world, desk, phoneOf } = town();
    const [alice, tablet] = [phoneOf(ALICE), phoneOf(ALICE, 'tablet')];
    const announced = await desk.announce(ALICE, 'p-1', photo('a'));
    const id = announced.attachment_id;
    const { client_id: report } = alice.create('report', { ...REPORT, photos: [id] });
    await alice.push();
    await world.settle();
    await alice.sync();
    await tablet.pull();
    // Deleted before the word that it is here: that word finds nothing to show it in.
    alice.delete('report', report);
    await alice.push();
    desk.send(announced, photo('a'));
    await desk.arrived(id);
    await world.settle();
    const edit = tablet.edit('report', report, { title: 'Still there' });
    await tablet.push();
    await world.settle();
    await tablet.push();
    const conflict = tablet.results.get(edit.client_id)?.conflict_id ?? '';
    await expect(resolveConflict(world.deps, actorOf(world.deps.engine.domain, ALICE), { conflict_id: conflict, strategy: 'client_wins' }, 0)).rejects.toThrow('no outcome yet');
    await world.settle();
    await desk.sweep();
    await world.settle();
    await tablet.sync();
    expect(tablet.holdings.find('report', report)).toMatchObject({ title: 'Still there', attachment_states: { [id]: 'ready' } });
    // And nothing is left to do.
    await world.clock.advance(MINUTE);
    await desk.sweep();
    expect(await desk.sweep()).toEqual({ checked: 0, failed: 0 });
  });

  it.each([['another check found it', true], ['no other check found it', false]])('has its photo removed in time, and left alone until then, though a check stood still until after the delete; meanwhile %s (P13)', async (_, isFound) => {
    const { world, desk, alice, announced, id, report } = await awaitedPhoto();
    await alice.sync();
    desk.send(announced, photo('a'));
    const look: typeof desk.objects.look = async (place, one) => {
      const found = await desk.objects.look(place, one);
      if (isFound) await desk.arrived(id);
      await world.settle();
      await alice.sync();
      alice.delete('report', report);
      await alice.push();
      await world.settle();
      return found;
    };
    await check(world.deps, { ...desk.objects, look }, id);
    await world.clock.advance(MINUTE);
    await desk.sweep();
    await world.clock.advance(MINUTE);
    expect(await desk.sweep()).toEqual({ checked: 0, failed: 0 });
    await world.clock.advance(TIMES.attachmentReleasedMs - 2 * MINUTE);
    expect(await desk.sweep()).toEqual({ checked: 1, failed: 0 });
    expect(world.ports.attachments.rows()).toEqual([]);
  });

  it('leaves its photo alone until its week is over, also when it is announced again', async () => {
    const { world, desk, alice, report } = await awaitedPhoto();
    await alice.pull();
    alice.delete('report', report);
    await alice.push();
    await world.settle();
    await world.clock.advance(TIMES.attachmentReleasedMs - MINUTE);
    await desk.announce(ALICE, 'p-1', photo('a'));
    expect(await desk.sweep()).toEqual({ checked: 0, failed: 0 });
    await world.clock.advance(MINUTE);
    expect(await desk.sweep()).toEqual({ checked: 1, failed: 0 });
    expect(world.ports.attachments.rows()).toEqual([]);
  });

  it('that took a photo in the same moment shows it as refused when it comes back after weeks (P1)', async () => {
    const { world, desk, phoneOf } = town();
    const alice = phoneOf(ALICE);
    const tablet = phoneOf(ALICE, 'tablet');
    const { client_id: report } = alice.create('report', REPORT);
    await alice.push();
    await world.settle();
    await alice.sync();
    await tablet.pull();
    const announced = await desk.announce(ALICE, 'p-1', photo('a'));
    const id = announced.attachment_id;
    desk.send(announced, photo('a'));
    await desk.arrived(id);
    alice.edit('report', report, { photos: [id] });
    alice.delete('report', report);
    await alice.push();
    await world.settle();
    // Its row is still there, its object is not: what time drops, it drops late.
    await world.clock.advance(TIMES.attachmentUnusedMs);
    await desk.objects.remove('incoming', id);
    tablet.edit('report', report, { title: 'Still there' }, { conflict_strategy: 'client_wins' });
    await tablet.push();
    await world.settle();
    await desk.sweep();
    await world.settle();
    await tablet.sync();
    expect(tablet.holdings.find('report', report)).toMatchObject({ title: 'Still there', attachment_states: { [id]: 'refused' } });
  });

  it('shows nothing to who does not see the report', async () => {
    const { desk, id, report } = await withPhoto();
    for (const claims of [BOB, officer('otto', 'parks')]) expect(await desk.see(claims, id, report)).toBeUndefined();
    expect(await desk.see(ALICE, id, 'another')).toBeUndefined();
    expect(await desk.see(ALICE, 'another', report)).toBeUndefined();
  });
});
