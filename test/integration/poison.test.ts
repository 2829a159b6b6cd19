import { describe, expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { actorOf, type Domain } from '../../src/engine/domain.ts';
import { batchRef } from '../../src/service/batch-ref.ts';
import { Trouble } from '../../src/service/errors.ts';
import { redrive } from '../../src/service/redrive.ts';
import { status } from '../../src/service/status.ts';
import { allOutcomes, outcomeCounts, snapshot } from '../support/observe.ts';
import { admin, citizen, createWorld, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const ROOT = admin('root');

/** A domain with a bug: it throws on a title of "poison" until it is mended. */
function buggy(): { domain: Domain; mend: () => void } {
  let broken = true;
  const { report } = civic.types;
  if (!report) throw new Error('the domain has reports');
  const domain: Domain = {
    ...civic,
    types: {
      ...civic.types,
      report: {
        ...report,
        checkChange: (before, after) => {
          if (broken && after['title'] === 'poison') throw new TypeError('no such thing');
          return report.checkChange?.(before, after) ?? [];
        },
      },
    },
  };
  return {
    domain,
    mend: () => {
      broken = false;
    },
  };
}

function poisoned(auto = false): { world: World; mend: () => void } {
  const { domain, mend } = buggy();
  return { world: createWorld({ domain, auto }), mend };
}

const report = (title: string) => ({ title, category: 'roads' });
const statusOf = (world: World) => status(world.deps, actorOf(civic, ALICE), 'p1');
const headersOf = (world: World) => world.ports.inbox.rows().headers;

/** One upload with a poisonous edit between harmless actions, and one more on the same record afterwards. */
async function story(world: World) {
  const phone = world.phone(ALICE, { deviceId: 'p1' });
  const record = phone.create('report', report('Pothole')).client_id;
  await phone.push();
  await world.settle();
  await phone.sync();
  const poison = phone.edit('report', record, { title: 'poison' });
  const beside = phone.create('report', report('Street light'));
  await phone.push();
  const behind = phone.edit('report', record, { title: 'Deep pothole' });
  const apart = phone.act({ action_type: 'update_profile', entity_type: 'profile', data: { name: 'Alice' } });
  await phone.push();
  const statuses = async () =>
    (await world.results(ALICE, 'p1', [poison, beside, behind, apart].map((a) => a.client_id))).map((result) => result.status);
  return { phone, record, poison, beside, behind, apart, statuses };
}

describe('a poisonous action (P11)', () => {
  it('is tried five times, one batch an attempt, while all else goes on; then it is dead', async () => {
    const { world } = poisoned();
    const { statuses } = await story(world);
    await world.settle();
    expect(headersOf(world).map(({ state, attempts }) => ({ state, attempts }))[0]).toEqual({ state: 'pending', attempts: 1 });
    // The second upload was not held up by the first, but for the record that they share.
    expect((await statuses())[3]).toBe('success');
    for (let attempts = 2; attempts <= 5; attempts++) {
      await world.clock.advance(16 * 60_000);
      await world.sweep();
      await world.settle();
      expect(headersOf(world)[0]?.attempts).toBe(attempts);
    }
    expect(headersOf(world)[0]).toMatchObject({ state: 'dead', lastError: 'TypeError' });
    expect(world.report.alarms()).toContain('batch_dead');
    expect(await statuses()).toEqual(['failed', 'success', 'queued', 'success']);
    expect(await statusOf(world)).toMatchObject({ sync_health: 'failing' });
  });

  it('wakes someone when its batch dies, also where the answer to the write that says so is lost', async () => {
    const { world } = poisoned();
    await story(world);
    const { inbox } = world.deps;
    const change: typeof inbox.change = async (read, change) => {
      const changed = await inbox.change(read, change);
      if (change.state === 'dead') throw new Trouble('no answer', undefined);
      return changed;
    };
    for (let i = 0; i < 6; i++) {
      await world.settle({ deps: { ...world.deps, inbox: { ...inbox, change } } });
      await world.clock.advance(16 * 60_000);
      await world.sweep();
    }
    await world.heal();
    expect(headersOf(world)[0]).toMatchObject({ state: 'dead' });
    expect(world.report.alarms()).toContain('batch_dead');
  });

  it('has an outcome for each action before it in its batch from the second attempt on', async () => {
    const { world } = poisoned();
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const good = phone.create('report', report('Good'));
    phone.create('report', report('poison'));
    await phone.push();
    await world.heal();
    expect(await world.results(ALICE, 'p1', [good.client_id])).toMatchObject([{ status: 'success' }]);
    expect(await snapshot(world, ALICE)).toMatchObject([{ title: 'Good' }]);
  });

  it('keeps later actions on its record waiting, and nobody waits for them', async () => {
    const { world } = poisoned(true);
    const { phone, record } = await story(world);
    await world.heal();
    const late = phone.edit('report', record, { title: 'Deeper' });
    const started = world.clock.now();
    const answer = await world.server(ALICE, 20_000).upload({ device_id: 'p1', actions: [late] });
    expect(answer.results).toMatchObject([{ status: 'queued' }]);
    expect(world.clock.now() - started).toBeLessThan(1000);
  });

  it('does not make a phone wait for what is done, though its batch must stay', async () => {
    const { world } = poisoned(true);
    const { phone, record } = await story(world);
    await world.heal();
    const late = phone.edit('report', record, { title: 'Deeper' });
    const done = phone.act({ action_type: 'update_profile', entity_type: 'profile', data: { name: 'A.' } });
    const body = { device_id: 'p1', actions: [late, done] };
    await world.server(ALICE).upload(body);
    await world.settle();
    const started = world.clock.now();
    const answer = await world.server(ALICE, 20_000).upload(body);
    expect(answer.results).toMatchObject([{ status: 'queued' }, { status: 'success' }]);
    expect(world.clock.now() - started).toBeLessThan(1000);
  });

  it('does not hold up other devices of its user, nor other users', async () => {
    const { world } = poisoned();
    const { record } = await story(world);
    await world.heal();
    const tablet = world.phone(ALICE, { deviceId: 'tablet' });
    await tablet.pull();
    tablet.edit('report', record, { title: 'From the tablet' });
    const bob = world.phone(citizen('bob'), { deviceId: 'p1' });
    bob.create('report', report('Bob’s'));
    await tablet.push();
    await bob.push();
    await world.settle();
    await Promise.all([tablet.sync(), bob.sync()]);
    expect(tablet.holdings.find('report', record)).toMatchObject({ title: 'From the tablet' });
    expect(bob.holdings.ofType('report')).toHaveLength(1);
  });
});

describe('a dead batch', () => {
  async function dead() {
    const { world, mend } = poisoned();
    const told = await story(world);
    await world.heal();
    const [header] = headersOf(world).filter(({ state }) => state === 'dead');
    if (!header) throw new Error('nothing died');
    return { world, mend, ...told, ref: batchRef(header.owner, header.batchId) };
  }

  it('is done after a redrive, then what waited behind it, each once (P1, P2, P3)', async () => {
    const { world, mend, statuses, record, ref, phone } = await dead();
    mend();
    expect(await redrive(world.deps, ROOT, { batch_ids: [ref] })).toEqual({ success: true, redriven: 1, discarded: 0 });
    await world.heal();
    expect(await statuses()).toEqual(['success', 'success', 'success', 'success']);
    expect((await snapshot(world, ALICE)).find((r) => r.entity_id === record)).toMatchObject({ title: 'Deep pothole' });
    expect(headersOf(world)).toEqual([]);
    expect(await statusOf(world)).toMatchObject({ failed_uploads: 0, pending_uploads: 0, sync_health: 'good' });
    await phone.sync();
    expect(phone.outbox).toEqual([]);
    expect([...outcomeCounts(await allOutcomes(world)).values()].every((count) => count === 1)).toBe(true);
  });

  it('dies again if nothing was mended', async () => {
    const { world, statuses } = await dead();
    await redrive(world.deps, ROOT, { all: true });
    await world.heal();
    expect((await statuses())[0]).toBe('failed');
  });

  it('that is discarded gives its unfinished actions their final word, and frees what waited (P1)', async () => {
    const { world, statuses, poison, record } = await dead();
    expect(await redrive(world.deps, ROOT, { all: true, discard: true })).toEqual({ success: true, redriven: 0, discarded: 1 });
    await world.heal();
    const [result] = await world.results(ALICE, 'p1', [poison.client_id]);
    expect(result).toMatchObject({ status: 'rejected', error: { code: 'discarded' } });
    expect((await statuses())[2]).toBe('success');
    expect((await snapshot(world, ALICE)).find((r) => r.entity_id === record)).toMatchObject({ title: 'Deep pothole' });
    expect(headersOf(world)).toEqual([]);
  });

  it('comes back when its device sends it again, at most once an hour', async () => {
    const { world, poison } = await dead();
    const server = world.server(ALICE);
    const again = () => server.upload({ device_id: 'p1', actions: [poison] });
    const redriven = () => headersOf(world)[0]?.redriven?.at;
    await again();
    const first = redriven();
    expect(first).toBe(world.clock.now());
    for (let minute = 0; minute < 40; minute++) {
      await world.settle();
      await world.clock.advance(60_000);
      await world.sweep();
    }
    expect(headersOf(world)[0]?.state).toBe('dead');
    const soon = await again();
    expect(redriven()).toBe(first);
    expect(soon.results).toMatchObject([{ status: 'failed', duplicate: true }]);
    await world.clock.advance(61 * 60_000);
    await again();
    expect(redriven()).toBe(world.clock.now());
  });

  it('never wins by itself after a redrive: its overlap with a newer edit is a question (P4)', async () => {
    const { world, mend } = poisoned();
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const tablet = world.phone(ALICE, { deviceId: 'tablet' });
    const record = phone.create('report', report('Pothole')).client_id;
    await phone.push();
    await world.settle();
    await Promise.all([phone.sync(), tablet.sync()]);
    const poison = phone.edit('report', record, { title: 'poison' }, { conflict_strategy: 'client_wins' });
    await phone.push();
    await world.heal();
    tablet.edit('report', record, { title: 'From the tablet' });
    await tablet.push();
    await world.settle();
    mend();
    await redrive(world.deps, ROOT, { all: true });
    await world.heal();
    const [result] = await world.results(ALICE, 'p1', [poison.client_id]);
    expect(result).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    expect(await snapshot(world, ALICE)).toMatchObject([{ title: 'From the tablet' }]);
  });
});
