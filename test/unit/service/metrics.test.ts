import { describe, expect, test } from 'vitest';
import { createWorld } from '../../support/world.ts';
import { ALICE, HOUR } from './rows.ts';

const create = (id: string, data: object, timestamp: number) =>
  ({ client_id: id, action_type: 'create_report', entity_type: 'report', data: data as never, timestamp: new Date(timestamp).toISOString() });

describe('metrics', () => {
  test('tell what became of actions, how long that took, how old they were, and how long the device was away', async () => {
    const world = createWorld();
    const { clock, report } = world;
    const upload = (...actions: object[]) => world.server(ALICE).upload({ device_id: 'phone', actions: actions as never });
    await upload(create('a', { title: 'A', category: 'roads' }, clock.now() - HOUR), create('b', { title: '' }, clock.now()));
    await clock.advance(250);
    await world.settle();
    expect(Object.fromEntries(report.counts)).toMatchObject({ actions_success: 1, actions_rejected: 1 });
    expect(report.measured.get('sync_duration_ms')).toEqual([250, 250]);
    expect(report.measured.get('action_age_ms')).toEqual([HOUR, 0]);
    // It is new: nobody knows how long it was away.
    expect(report.measured.get('offline_span_ms')).toBeUndefined();
    await clock.advance(3 * HOUR);
    await upload({ client_id: 'c', action_type: 'update_report', entity_type: 'report', entity_id: 'a', base_version: 1, data: { title: 'C' } });
    expect(report.measured.get('offline_span_ms')).toEqual([3 * HOUR + 250]);
    const other = { client_id: 'd', action_type: 'update_report', entity_type: 'report', entity_id: 'a', base_version: 1, data: { title: 'D' } };
    await world.settle();
    await world.server(ALICE).upload({ device_id: 'tablet', actions: [other as never] });
    await world.settle();
    expect(Object.fromEntries(report.counts)).toMatchObject({ actions_success: 2, actions_conflict: 1, actions_overlapped: 1 });
    expect(report.counts.get('commits_recovered')).toBeUndefined();
  });

  test('tell of views that had to be redone for a worker that died', async () => {
    const world = createWorld();
    await world.server(ALICE).upload({ device_id: 'phone', actions: [create('a', { title: 'A', category: 'roads' }, world.clock.now())] });
    const dying = { ...world.deps, entities: { ...world.deps.entities, put: () => Promise.reject(new Error('died')) } };
    await world.deliver({ deps: dying });
    await world.settle();
    expect(world.report.counts.get('commits_recovered')).toBe(1);
  });
});
