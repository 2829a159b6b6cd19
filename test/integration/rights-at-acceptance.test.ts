import { expect, it } from 'vitest';
import type { WireAction } from '../../src/protocol/upload.ts';
import { citizen, createWorld, officer, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');

const edit = (clientId: string, data: object): WireAction => ({ client_id: clientId, action_type: 'update_report', entity_type: 'report', entity_id: 'r-1', data: data as Record<string, string> });

async function withReport(): Promise<World> {
  const world = createWorld();
  const report = { client_id: 'r-1', action_type: 'create_report', entity_type: 'report', data: { title: 'Old', category: 'roads' } };
  await world.server(ALICE).upload({ device_id: 'phone', actions: [report] });
  await world.settle();
  return world;
}

async function fields(world: World): Promise<unknown> {
  const rows = await world.ports.entities.get([{ scope: 'user:alice', key: 'report#r-1' }]);
  return [...rows.values()][0]?.fields;
}

it('an action is judged by the record as it is when it is applied: what moved away meanwhile is not there (P10)', async () => {
  const world = await withReport();
  await world.server(ALICE).upload({ device_id: 'phone', actions: [edit('a', { category: 'parks' })] });
  const { results } = await world.server(OLGA).upload({ device_id: 'desk', actions: [edit('o', { status: 'resolved' })] });
  expect(results).toMatchObject([{ status: 'queued' }]);
  await world.settle();
  expect(await world.results(OLGA, 'desk', ['o'])).toMatchObject([{ status: 'rejected', error: { code: 'not_found' } }]);
  expect(await fields(world)).toMatchObject({ category: 'parks', status: 'received' });
});

it('and by the rights of the token it was accepted with: what is lost later does not take them back (P1, P10)', async () => {
  const world = await withReport();
  await world.server(OLGA).upload({ device_id: 'desk', actions: [edit('o', { status: 'resolved' })] });
  const dismissed = officer('olga', 'parks');
  await world.server(dismissed).upload({ device_id: 'desk', actions: [edit('o', { status: 'resolved' })] });
  await world.settle();
  expect(await world.results(dismissed, 'desk', ['o'])).toMatchObject([{ status: 'success' }]);
  expect(await fields(world)).toMatchObject({ status: 'resolved' });
});

it('nor does what is gained later add to them, however often it is sent again (P2, P10)', async () => {
  const world = await withReport();
  // In her report as its author; later also an officer of its department.
  await world.server(ALICE).upload({ device_id: 'phone', actions: [edit('a', { status: 'resolved' })] });
  const promoted = officer('alice', 'roads');
  await world.server(promoted).upload({ device_id: 'phone', actions: [edit('a', { status: 'resolved' })] });
  await world.settle();
  const again = await world.server(promoted).upload({ device_id: 'phone', actions: [edit('a', { status: 'resolved' })] });
  expect(again.results).toMatchObject([{ status: 'rejected', error: { code: 'forbidden' }, duplicate: true }]);
  expect(await fields(world)).toMatchObject({ status: 'received' });
});
