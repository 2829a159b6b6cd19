import { globalKey } from '../../../src/engine/keys.ts';
import type { AcceptedAction, ConflictRow, DoneAction, EntityRow } from '../../../src/engine/model.ts';
import { actorOf } from '../../../src/engine/domain.ts';
import { civic } from '../../../src/domain/civic.ts';
import type { Actor, Claims } from '../../../src/engine/model.ts';
import type { BatchHeader } from '../../../src/service/ports/inbox.ts';
import { admin, citizen, officer, type World } from '../../support/world.ts';

/** When the clock of a world begins, ms. */
export const START_MS = Date.UTC(2030, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const ALICE = citizen('alice');
export const BOB = citizen('bob');
export const ROADS = officer('olga', 'roads');
export const ADMIN = admin('root');

export function actor(claims: Claims): Actor {
  return actorOf(civic, claims);
}

/** A pending batch of alice's phone with one action on report `r-1`. */
export function header(overrides: Partial<BatchHeader> = {}): BatchHeader {
  const { batchId = '000000000000001-000' } = overrides;
  return {
    owner: { user: 'alice', device: 'phone' },
    batchId,
    scope: 'user:alice',
    claims: ALICE,
    acceptedAt: START_MS,
    actions: [entry(`action-${batchId}`)],
    state: 'pending',
    attempts: 0,
    trying: 0,
    changedAt: START_MS,
    sends: 1,
    dueAt: START_MS + 2 * MINUTE,
    ...overrides,
  };
}

export function entry(clientId: string, entityId = 'r-1'): BatchHeader['actions'][number] {
  return {
    clientId,
    hash: `hash of ${clientId}`,
    actionType: 'create_report',
    entityType: 'report',
    record: globalKey('user:alice', 'report', entityId),
    order: 1000,
  };
}

/** Stores a batch whose actions create the reports that they name. */
export async function putBatch(world: World, overrides: Partial<BatchHeader> = {}): Promise<BatchHeader> {
  const row = header(overrides);
  await world.ports.inbox.put(row, row.actions.map(actionOf));
  return row;
}

function actionOf({ clientId, hash, actionType, entityType, record, order }: BatchHeader['actions'][number]): AcceptedAction {
  const data = { title: 'A hole', category: 'roads' };
  return { clientId, hash, actionType, entityType, order, entityId: record?.split('#')[1] ?? '', data, time: START_MS };
}

/** The outcome of an action of alice's phone. */
export function done(overrides: Partial<DoneAction> = {}): DoneAction {
  return {
    user: 'alice',
    device: 'phone',
    clientId: 'a',
    hash: 'hash of a',
    order: 1000,
    actionType: 'create_report',
    entityType: 'report',
    acceptedAt: START_MS,
    time: START_MS,
    retries: 0,
    status: 'success',
    scope: 'user:alice',
    n: 1,
    at: START_MS,
    ...overrides,
  };
}

export function conflict(overrides: Partial<ConflictRow> = {}): ConflictRow {
  return {
    id: 'c-1',
    user: 'alice',
    device: 'phone',
    kind: 'update_update',
    type: 'report',
    entityId: 'r-1',
    serverId: 1,
    home: 'user:alice',
    clientId: 'a-1',
    clientIds: ['a-1'],
    baseVersion: 1,
    serverVersion: 2,
    fields: ['title'],
    held: [],
    base: null,
    client: { title: 'Mine' },
    server: { title: 'Theirs' },
    serverDeleted: false,
    status: 'unresolved',
    strategy: null,
    resolvedData: null,
    resolvedBy: null,
    resolvedAt: null,
    detectedAt: START_MS,
    revision: 1,
    time: START_MS,
    n: 2,
    ...overrides,
  };
}

/** Report `r-1` of alice, shared with the roads department. */
export function report(overrides: Partial<EntityRow> = {}): EntityRow {
  return {
    scope: 'user:alice',
    home: 'user:alice',
    type: 'report',
    entityId: 'r-1',
    serverId: 1,
    version: 1,
    n: 1,
    state: 'live',
    fields: { title: 'A hole', category: 'roads' },
    createdAt: START_MS,
    createdBy: 'alice',
    updatedAt: START_MS,
    updatedBy: 'alice',
    audience: ['department:roads'],
    ...overrides,
  };
}

/** What waits in the queue: devices and scopes of batches. */
export function queuedBatches(world: World): string[] {
  return world.ports.queue.messages().flatMap(({ message }) =>
    message.kind === 'batches' ? [`${message.owner.user}/${message.owner.device} ${message.scope}`] : [],
  );
}
