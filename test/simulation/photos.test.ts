import { describe, expect, it } from 'vitest';
import { TIMES } from '../../src/protocol/limits.ts';
import type { Deps } from '../../src/service/deps.ts';
import { Trouble } from '../../src/service/errors.ts';
import type { AttachmentStore } from '../../src/service/ports/attachment-store.ts';
import type { Objects } from '../../src/service/ports/objects.ts';
import { check, checkDue } from '../../src/service/attachments/check.ts';
import { PhotoDesk, photo } from '../support/photos.ts';
import { citizen, createWorld, officer } from '../support/world.ts';

// Photos with a fault at every single call that a function makes, one at a time: the same story, told once per call and
// kind of fault, must end in the same state. The simulator plays photos at random, with several faults at once; this story
// is small enough to be played in full.

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');

/** `killed`: the function is gone, before or after the call took effect; nobody hears anything of it any more. */
const FAULTS = ['trouble after', 'killed before', 'killed after'] as const;
type Fault = (typeof FAULTS)[number];
type Plan = { at: number; fault: Fault };
type Order = 'photo first' | 'report first' | 'both at once';

/** A function that was killed: its call never returns an error that code of ours could catch and answer. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/** Counts calls to ports, and strikes at one of them. */
class Calls {
  count = 0;
  struck: string | undefined;
  readonly #plan: Plan | undefined;
  #dead = false;

  constructor(plan: Plan | undefined) {
    this.#plan = plan;
  }

  /** A new invocation. */
  revive(): void {
    this.#dead = false;
  }

  wrap<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, method) => {
        const value: unknown = Reflect.get(target, method);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => this.#call(`${name}.${String(method)}`, async () => (value as (...given: unknown[]) => unknown).apply(target, args));
      },
    });
  }

  async #call(name: string, effect: () => Promise<unknown>): Promise<unknown> {
    if (this.#dead) throw new Killed('nothing runs any more');
    const mine = this.count++;
    if (this.#plan?.at !== mine) return effect();
    const { fault } = this.#plan;
    this.struck = name;
    if (fault.endsWith('after')) await effect();
    if (fault.startsWith('trouble')) throw new Trouble(`${name} on purpose`, undefined);
    this.#dead = true;
    throw new Killed(name);
  }
}

type End = { states: unknown; seen: boolean; version: number; kept: string[]; inbox: number; due: unknown };

/** The story: announced, sent, named by a report, checked; then the report is deleted and its week goes by. */
async function play(order: Order, plan: Plan | undefined, broken: (store: AttachmentStore) => Partial<AttachmentStore> = () => ({})): Promise<{ alive: End; gone: End; calls: number; struck: string | undefined }> {
  const world = createWorld({ wrap: (deps) => ({ attachments: { ...deps.attachments, ...broken(deps.attachments) } }) });
  const desk = new PhotoDesk(world);
  const calls = new Calls(plan);
  const { attachments, inbox, queue, entities, log, actions } = world.deps;
  const deps: Deps = { ...world.deps, ...Object.fromEntries(Object.entries({ attachments, inbox, queue, entities, log, actions }).map(([name, port]) => [name, calls.wrap(name, port)])) };
  const objects: Objects = calls.wrap('objects', desk.objects);

  const invoke = async (run: () => Promise<unknown>) => {
    calls.revive();
    await run().catch((error: unknown) => {
      if (!(error instanceof Killed || error instanceof Trouble)) throw error;
    });
  };
  const work = () => invoke(async () => void (await world.deliver({ deps })));

  const alice = world.phone(ALICE, { deviceId: 'phone' });
  const announced = await desk.announce(ALICE, 'p-1', photo('a'));
  const id = announced.attachment_id;
  const report = alice.create('report', { title: 'Pothole', category: 'roads', photos: [id] }).client_id;
  let sent = false;
  const arrive = async () => {
    if (sent) return;
    sent = true;
    expect(desk.send(announced, photo('a'))).toBe(true);
    await invoke(() => check(deps, objects, id));
  };
  if (order === 'photo first') await arrive();
  await alice.push();
  if (order === 'both at once') {
    // The check ends while the worker stands between reading the attachment and putting the commit.
    const held = { ...deps, log: { ...deps.log, put: async (commit: Parameters<typeof deps.log.put>[0]) => (await arrive(), deps.log.put(commit)) } };
    await invoke(async () => void (await world.deliver({ deps: held })));
  } else await work();
  // Also what a worker that was killed never got to: phones send whatever servers do.
  await arrive();

  /** Everything goes on by itself: workers, the sweeper, the check of the minute. */
  const rest = async (minutes: number) => {
    for (let i = 0; i < minutes; i++) {
      for (let turn = 0; turn < 4; turn++) await work();
      await invoke(() => checkDue(deps, objects));
      await world.clock.advance(60_000);
      await world.sweep();
    }
  };
  const end = async (): Promise<End> => {
    await alice.pull();
    const held = alice.holdings.find('report', report);
    const rows = world.ports.attachments.rows();
    return {
      states: held?.['attachment_states'],
      version: held?.version ?? 0,
      seen: (await desk.see(OLGA, id, report)) !== undefined,
      kept: desk.objects.keys().filter((key) => key.startsWith('photos/')).map((key) => key.replace(id, 'it')),
      inbox: world.ports.inbox.rows().headers.length,
      due: rows.map(({ state, dueAt }) => [state, dueAt === undefined ? 'never' : 'later']),
    };
  };
  await rest(6);
  const alive = await end();
  alice.delete('report', report);
  await alice.push();
  await rest(5);
  await world.clock.advance(TIMES.attachmentReleasedMs);
  await rest(3);
  return { alive, gone: await end(), calls: calls.count, struck: calls.struck };
}

/** What must be, whatever struck: the version is 1 if the report met a photo that was ready, else 2 (told once). */
function rightEnd(order: Order, { alive, gone }: { alive: End; gone: End }, struckBeforeReport: boolean): void {
  const states = Object.values((alive.states ?? {}) as object);
  expect(states).toEqual(['ready']);
  expect(alive).toMatchObject({ seen: true, kept: ['photos/it'], inbox: 0, due: [['ready', 'never']] });
  if (!struckBeforeReport) expect(alive.version).toBe(order === 'photo first' ? 1 : 2);
  expect(alive.version).toBeLessThanOrEqual(2);
  expect(gone).toEqual({ states: undefined, version: 0, seen: false, kept: [], inbox: 0, due: [] });
}

describe.each(['photo first', 'report first', 'both at once'] as const)('photos with a fault at every call, %s', (order) => {
  it.each(FAULTS)('%s: end as if nothing had happened (P1, P2, P6, P13)', { timeout: 120_000 }, async (fault) => {
    const { calls } = await play(order, undefined);
    expect(calls).toBeGreaterThan(30);
    const names = new Set<string>();
    // From the delete on the minutes are all alike.
    for (let at = 0; at < calls; at++) {
      const played = await play(order, { at, fault });
      names.add(played.struck ?? '');
      try {
        rightEnd(order, played, true);
      } catch (error) {
        throw new Error(`${fault} ${played.struck} (call ${at})`, { cause: error });
      }
    }
    for (const name of ['attachments.settle', 'attachments.link', 'attachments.keep', 'attachments.postpone', 'attachments.giveUp', 'objects.keep', 'objects.remove']) expect(names).toContain(name);
  });
});

describe('the story of a photo notices', () => {
  const endsRight = async (order: Order, broken: (store: AttachmentStore) => Partial<AttachmentStore>) =>
    play(order, undefined, broken).then((played) => rightEnd(order, played, false), () => { throw new Error('the story broke'); });

  it('nothing, where nothing is wrong', async () => {
    for (const order of ['photo first', 'report first', 'both at once'] as const) await endsRight(order, () => ({}));
  });

  it.each<[string, Order, (store: AttachmentStore) => Partial<AttachmentStore>]>([
    ['a link that does not read back what the check said', 'both at once', (store) => ({
      link: async (link, dueAt) => {
        const found = await store.link(link, dueAt);
        // And nothing due, or the minute's run would mend it.
        if (found && link.live) await store.postpone(found, undefined, 0);
        return found && { ...found, state: link.state };
      },
    })],
    ['a link that makes nothing due', 'photo first', (store) => ({
      link: async (link, dueAt) => {
        const found = await store.link(link, dueAt);
        if (found && link.live) await store.postpone(found, undefined, 0);
        return found;
      },
    })],
    ['a check that forgets what it is about before it is told', 'report first', (store) => ({
      settle: async (id, word) => {
        const found = await store.settle(id, word);
        return found && { ...found, told: found.state };
      },
      due: async () => [],
    })],
    ['a release that a later commit does not undo', 'photo first', (store) => ({ giveUp: async () => false, link: async (link, dueAt) => (link.live ? store.link(link, dueAt) : (await store.get([link.id])).get(link.id)) })],
  ])('%s', async (_, order, broken) => {
    await expect(endsRight(order, broken)).rejects.toThrow();
  });
});
