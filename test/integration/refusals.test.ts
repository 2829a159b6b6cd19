import { describe, expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { text } from '../../src/domain/fields.ts';
import { actorOf, type Domain } from '../../src/engine/domain.ts';
import { jsonBytes } from '../../src/engine/value.ts';
import { LIMITS, TIMES } from '../../src/protocol/limits.ts';
import { Trouble } from '../../src/service/errors.ts';
import { status } from '../../src/service/status.ts';
import { gated } from '../support/faults.ts';
import { allOutcomes, commitsOf, snapshot } from '../support/observe.ts';
import { citizen, createWorld, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const report = (title: string) => ({ title, category: 'roads' });
const action = (clientId: string, title = clientId) => ({
  client_id: clientId,
  action_type: 'create_report',
  entity_type: 'report',
  timestamp: '2030-01-01T00:00:00Z',
  data: report(title),
});

/** The civic domain with long texts. */
function roomy(): Domain {
  const report = civic.types['report'];
  if (!report) throw new Error('the domain has reports');
  const fields = { ...report.fields, description: text(1_000_000), resolution_note: text(1_000_000) };
  return { ...civic, types: { ...civic.types, report: { ...report, fields, editable: () => 'all' } } };
}

function expectNothingStored(world: World): void {
  expect(world.ports.inbox.rows()).toEqual({ headers: [], notes: [] });
  expect(world.ports.queue.messages()).toEqual([]);
}

describe('an upload that is refused', () => {
  it('for a repeated client_id stores nothing, and says where', async () => {
    const world = createWorld();
    const upload = world.server(ALICE).upload({ device_id: 'p1', actions: [action('a'), action('b'), action('a')] });
    await expect(upload).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/actions/2/client_id', code: 'repeated' }],
    });
    expectNothingStored(world);
  });

  it('for too much waiting stores nothing, and takes it again when there is room', { timeout: 30_000 }, async () => {
    const world = createWorld();
    const server = world.server(ALICE);
    const uploads = LIMITS.pendingPerDevice / LIMITS.actionsPerUpload;
    for (let i = 0; i < uploads; i++) {
      const actions = Array.from({ length: LIMITS.actionsPerUpload }, (_, j) => action(`a-${i}-${j}`));
      await server.upload({ device_id: 'p1', actions });
    }
    const before = world.ports.inbox.rows();
    await expect(server.upload({ device_id: 'p1', actions: [action('one-more')] })).rejects.toMatchObject({
      code: 'too_many_pending',
      retryAfterSeconds: expect.any(Number),
    });
    expect(world.ports.inbox.rows()).toEqual(before);
    // Sending again what waits is no news, and another device has room of its own.
    await server.upload({ device_id: 'p1', actions: [action('a-0-0')] });
    await server.upload({ device_id: 'p2', actions: [action('other')] });
    await world.deliver();
    await server.upload({ device_id: 'p1', actions: [action('one-more')] });
  });

  it('for uploads that come all at once stores no more than is taken at once, and goes on later', async () => {
    const world = createWorld();
    const server = world.server(ALICE);
    const upload = async (i: number) => {
      const actions = Array.from({ length: LIMITS.actionsPerUpload }, (_, j) => action(`a-${i}-${j}`));
      return server.upload({ device_id: 'p1', actions });
    };
    const fitting = LIMITS.intakePerDevice / LIMITS.actionsPerUpload;
    const asked = await Promise.allSettled(Array.from({ length: fitting + 5 }, (_, i) => upload(i)));
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    expect(refused).toEqual(Array.from({ length: 5 }, () => expect.objectContaining({ code: 'too_many_pending', retryAfterSeconds: 30 })));
    const waiting = world.ports.inbox.rows().headers.flatMap((header) => header.actions);
    expect(waiting).toHaveLength(LIMITS.intakePerDevice);
    await world.settle();
    await world.clock.advance(TIMES.intakeSpanMs);
    await upload(fitting);
  });

  it('for a device too many stores nothing', async () => {
    const world = createWorld();
    const server = world.server(ALICE);
    for (let i = 0; i < LIMITS.devicesPerUser; i++) await server.upload({ device_id: `p${i}`, actions: [action(`a${i}`)] });
    await world.settle();
    await expect(server.upload({ device_id: 'new', actions: [action('b')] })).rejects.toMatchObject({ code: 'too_many_devices' });
    await expect(server.download({ device_id: 'new' })).rejects.toMatchObject({ code: 'too_many_devices' });
    expectNothingStored(world);
    await server.upload({ device_id: 'p7', actions: [action('b')] });
  });

  it('for a device too many holds also for those that come at once', async () => {
    const world = createWorld();
    const server = world.server(ALICE);
    const ask = (i: number) =>
      i % 2 === 0 ? server.upload({ device_id: `p${i}`, actions: [action(`a${i}`)] }) : server.download({ device_id: `p${i}` });
    const asked = await Promise.allSettled(Array.from({ length: LIMITS.devicesPerUser + 60 }, (_, i) => ask(i)));
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    expect(refused).toEqual(Array.from({ length: 60 }, () => expect.objectContaining({ code: 'too_many_devices' })));
    expect((await world.ports.devices.list('alice', '', 1000)).rows).toHaveLength(LIMITS.devicesPerUser);
  });
});

describe('an action that is refused', () => {
  it('for the size of the record it would make is an outcome, and the next one is applied', async () => {
    const world = createWorld({ domain: roomy() });
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const id = phone.create('report', report('Much to say')).client_id;
    const first = phone.edit('report', id, { description: 'x'.repeat(60_000) });
    const second = phone.edit('report', id, { resolution_note: 'y'.repeat(60_000) });
    phone.edit('report', id, { title: 'Still going' });
    await phone.push();
    await world.settle();
    expect(await world.results(ALICE, 'p1', [first.client_id, second.client_id])).toMatchObject([
      { status: 'success' },
      { status: 'rejected', error: { code: 'too_large' } },
    ]);
    const [record] = await snapshot(world, ALICE);
    expect(record).toMatchObject({ title: 'Still going', description: 'x'.repeat(60_000) });
    expect(record).not.toHaveProperty('resolution_note');
  });

  it('is none of them when all are large but allowed: they take several commits', async () => {
    const world = createWorld({ domain: roomy() });
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    for (let i = 0; i < 25; i++) phone.create('report', { ...report(String(i)), description: 'x'.repeat(60_000) });
    await phone.push();
    await world.settle();
    await phone.sync();
    expect(phone.holdings.ofType('report')).toHaveLength(25);
    const commits = await commitsOf(world, 'user:alice');
    expect(commits.length).toBeGreaterThan(4);
    for (const commit of commits) expect(jsonBytes(commit)).toBeLessThan(400 * 1024);
  });

  it('is kept in its caller’s own log when it names a foreign record, in the words for an unknown one (P10)', async () => {
    const world = createWorld();
    const bob = world.phone(citizen('bob'), { deviceId: 'b' });
    const secret = bob.create('report', report('Bob’s own')).client_id;
    await bob.push();
    await world.settle();
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const foreign = phone.edit('report', secret, { title: 'Mine now' });
    const unknown = phone.edit('report', 'never-was', { title: 'Mine now' });
    const homed = phone.edit('report', secret, { title: 'Mine now' }, { home: 'user:bob' });
    const gone = [phone.delete('report', secret), phone.delete('report', 'never-was')];
    await phone.push();
    await world.settle();
    const [a, b, c, ...deletes] = await world.results(ALICE, 'p1', [foreign, unknown, homed, ...gone].map((x) => x.client_id));
    expect(a).toMatchObject({ status: 'rejected', error: { code: 'not_found' } });
    expect({ ...b, client_id: '' }).toEqual({ ...a, client_id: '' });
    expect({ ...c, client_id: '' }).toEqual({ ...a, client_id: '' });
    expect(deletes).toMatchObject([{ status: 'success' }, { status: 'success' }]);
    expect({ ...deletes[1], client_id: '' }).toEqual({ ...deletes[0], client_id: '' });
    expect(await snapshot(world, citizen('bob'))).toMatchObject([{ title: 'Bob’s own' }]);
    const logs = (await allOutcomes(world)).filter(({ user }) => user === 'alice').map(({ scope }) => scope);
    expect(new Set(logs)).toEqual(new Set(['user:alice']));
  });
});

describe('trouble on our side (P12, P13)', () => {
  it('with the queue is an error that says nothing of success; what was stored is swept up and applied once', async () => {
    let down = true;
    const world = createWorld({
      wrap: (deps) =>
        gated(deps, async ({ port, method, run }) => {
          if (down && port === 'queue' && method === 'send') throw new Trouble('the queue is down', undefined);
          return run();
        }),
    });
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    phone.create('report', report('Pothole'));
    await expect(phone.push()).rejects.toBeInstanceOf(Trouble);
    expect(phone.outbox).toHaveLength(1);
    await expect(world.sweep()).resolves.toBeUndefined();
    await world.clock.advance(3 * 60_000);
    await expect(world.sweep()).rejects.toBeInstanceOf(Trouble);
    down = false;
    await world.sweep();
    await world.settle();
    expect(await snapshot(world, ALICE)).toHaveLength(1);
    // The phone heard nothing: it sends again, unchanged.
    await phone.push();
    await world.heal();
    await phone.sync();
    expect(await snapshot(world, ALICE)).toHaveLength(1);
    expect(phone.outbox).toEqual([]);
    expect(await allOutcomes(world)).toHaveLength(1);
  });

  it('in the middle of an upload leaves no later batch without an earlier (P3)', async () => {
    for (let failing = 0; failing < 5; failing++) {
      let puts = 0;
      const world = createWorld({
        wrap: (deps) =>
          gated(deps, async ({ port, method, run }) => {
            if (port === 'inbox' && method === 'put' && puts++ === failing) throw new Trouble('the table is down', undefined);
            return run();
          }),
      });
      const phone = world.phone(ALICE, { deviceId: 'p1' });
      for (let i = 0; i < 120; i++) phone.create('report', report(String(i)));
      const ids = phone.outbox.map(({ client_id }) => client_id);
      await expect(phone.push()).rejects.toBeInstanceOf(Trouble);
      const stored = world.ports.inbox.rows().headers.flatMap((header) => header.actions.map((entry) => entry.clientId));
      expect(stored).toEqual(ids.slice(0, stored.length));
      expect(stored).toHaveLength(failing * LIMITS.batchActions);
      await phone.push();
      await world.heal();
      await phone.sync();
      expect(phone.holdings.ofType('report')).toHaveLength(120);
      expect(await allOutcomes(world)).toHaveLength(120);
    }
  });

  it('keeps a device stalled in its status, and good again when it is over', async () => {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    phone.create('report', report('Pothole'));
    await phone.push();
    await world.clock.advance(5 * 60_000 + 1);
    const now = () => status(world.deps, actorOf(civic, ALICE), 'p1');
    expect(await now()).toMatchObject({ pending_uploads: 1, sync_health: 'stalled' });
    await world.heal();
    expect(await now()).toMatchObject({ pending_uploads: 0, sync_health: 'good' });
  });
});
