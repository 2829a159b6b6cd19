import type { AcceptedAction, Actor, Claims, Scope } from '../engine/model.ts';
import { globalKey } from '../engine/keys.ts';
import { cutBatches, epochNumber, inOrder, uploadOrder, type Routed } from '../engine/order.ts';
import { iso } from '../engine/wire.ts';
import type { FieldError } from '../protocol/error-codes.ts';
import { LIMITS, TIMES } from '../protocol/limits.ts';
import type { UploadEnvelope, UploadResponse } from '../protocol/upload.ts';
import { checkActions, ownScope, refuseRepeatedIds, type Checked } from './accept.ts';
import { basisOf } from './basis.ts';
import type { Deps } from './deps.ts';
import { SyncError } from './errors.ts';
import { reportArrival } from './commit-metrics.ts';
import { HomeFinder } from './home.ts';
import type { DeviceInfo, DeviceState, Remembered } from './ports/device-store.ts';
import type { BatchHeader, Owner } from './ports/inbox.ts';
import { redriveResent } from './redrive.ts';
import { answer, type Wanted } from './results.ts';
import { untried } from './retry-policy.ts';
import { waitFor } from './wait.ts';

/** An upload as the HTTP layer hands it over: the envelope checked, faults of single actions listed. */
export type UploadRequest = {
  envelope: UploadEnvelope;
  guardFaults: FieldError[];
  /** How long the caller waits for outcomes, ms. */
  waitMs: number;
  /** Add the record to each result. */
  representation: boolean;
  /** Of the body as it came, for the device's counts. */
  bytes?: number;
  /** When it came, ms: what was downloaded since then, while it stood still, its sender had not seen (P4). */
  receivedAtMs?: number | undefined;
};

/**
 * Accepts a device's offline actions: once this returns, each is durable (P1) and has one effect however often it is
 * sent (P2). Answers with final outcomes as far as they come within the wait, else `queued`. Throws `SyncError` with
 * nothing stored, or `Trouble`: then it may have been accepted, and sending it again is safe (P12).
 */
export async function upload(
  deps: Deps,
  caller: Actor,
  request: UploadRequest,
): Promise<{ status: 200 | 202; body: UploadResponse }> {
  const { envelope } = request;
  refuseRepeatedIds(envelope);
  const owner: Owner = { user: caller.sub, device: envelope.device_id };
  const lastSync = envelope.last_sync_timestamp ? Date.parse(envelope.last_sync_timestamp) : undefined;
  const checked = checkActions(deps, envelope, request.guardFaults);
  const timed = lastSync !== undefined || checked.some(countsByTime);
  const [headers, device, remembered] = await Promise.all([
    deps.inbox.headers(owner),
    deps.devices.get(owner.user, owner.device),
    timed ? deps.devices.remembered(owner.user, owner.device) : { entries: [], revision: 0 },
  ]);
  const queued = new Map(headers.flatMap((header) => header.actions.map((entry) => [entry.clientId, { header, entry }])));
  const fresh = checked.filter((action) => !queued.has(action.clientId));
  await refuseBeyondLimits(deps, owner, device, headers, fresh.length);

  const now = deps.clock.now();
  const presented = remembered.entries.some((entry) => entry.ts === lastSync) ? (lastSync ?? 0) : 0;
  const span = Math.floor(now / TIMES.intakeSpanMs);
  const intake = { actions: fresh.length, most: LIMITS.intakePerDevice, span, known: device };
  const note = { at: now, info: infoOf(envelope), presented, intake, bytes: request.bytes ?? 0 };
  const state = await deps.devices.countUpload(owner.user, owner.device, note);
  if (!state) throw tooMuch(`More than ${LIMITS.intakePerDevice} actions of this device came at once.`, TIMES.intakeSpanMs / 1000);
  const shown = Math.min(state.presented, request.receivedAtMs ?? now);
  const routed = await route(deps, caller, { envelope, fresh, headers, remembered, lastSync, presented: shown, now });
  reportArrival(deps.report, now, Math.max(device?.lastUpload ?? 0, device?.lastDownload ?? 0), routed.map(({ action }) => action.time));
  const orders = await store(deps, owner, caller, routed, epochNumber(deps.epoch, state.uploads), now);

  const wanted: Wanted[] = [];
  const scopes = new Set<Scope>(routed.map((action) => action.scope));
  for (const [index, action] of checked.entries()) {
    const old = queued.get(action.clientId);
    const duplicate = old !== undefined && old.entry.hash === action.hash;
    if (duplicate) {
      // Already here: sent on again, under its first upload number. A dead one comes back at most once an hour.
      if (old.header.state === 'pending' || (await redriveResent(deps, old.header, caller))) scopes.add(old.header.scope);
    }
    const order = orders.get(action.clientId) ?? old?.entry.order ?? 0;
    wanted.push({ clientId: action.clientId, hash: action.hash, order, duplicate, pointer: `/actions/${index}` });
  }
  await deps.queue.send(
    [...scopes].map((scope) => ({ id: `upload ${deps.ids.uuid()}`, message: { kind: 'batches' as const, scope, owner } })),
  );

  const left = await waitFor(deps, owner, checked.map((action) => action.clientId), request.waitMs);
  const { results, conflicts } = await answer(deps, caller, owner, wanted, left, request.representation);
  const final = results.every((result) => result.status !== 'queued');
  const body = { success: true as const, sync_timestamp: iso(state.presented), results, conflicts };
  return { status: final ? 200 : 202, body };
}

/** Is the base of this action a time, which the device's remembered cursors bound (design 5)? */
function countsByTime(action: Checked): boolean {
  return 'wire' in action && typeof action.wire.base_version !== 'number' && action.spec.op !== 'create';
}

/** 429 for a device too many, or too much waiting; nothing was stored (design 7). */
async function refuseBeyondLimits(
  deps: Deps,
  owner: Owner,
  device: DeviceState | undefined,
  headers: readonly BatchHeader[],
  fresh: number,
): Promise<void> {
  if (!device) await admitDevice(deps, owner);
  const pending = headers.reduce((sum, header) => sum + header.actions.length, 0);
  if (fresh > 0 && pending + fresh > LIMITS.pendingPerDevice) {
    throw tooMuch(`This device has ${pending} actions waiting; at most ${LIMITS.pendingPerDevice} may wait.`, 60);
  }
}

function tooMuch(detail: string, retryAfterSeconds: number): SyncError {
  return new SyncError('too_many_pending', detail, { retryAfterSeconds });
}

/** Takes a place for a device that has no row yet; throws 429 when the user has none left, however many come at once. */
export async function admitDevice(deps: Deps, { user, device }: Owner): Promise<void> {
  if (await deps.devices.admit(user, device, LIMITS.devicesPerUser)) return;
  throw new SyncError('too_many_devices', `A user may have at most ${LIMITS.devicesPerUser} devices.`, { retryAfterSeconds: 3600 });
}

function infoOf(envelope: UploadEnvelope): DeviceInfo {
  const info: DeviceInfo = {};
  for (const [key, value] of Object.entries(envelope.device_info ?? {})) {
    if (typeof value === 'string') info[key as keyof DeviceInfo] = value;
  }
  return info;
}

type Routing = {
  envelope: UploadEnvelope;
  fresh: Checked[];
  headers: readonly BatchHeader[];
  remembered: Remembered;
  lastSync: number | undefined;
  presented: number;
  now: number;
};

/** Decides each action's home and base, and the order of the whole. */
async function route(deps: Deps, caller: Actor, r: Routing): Promise<Routed[]> {
  const homes = new HomeFinder(deps, caller, r.headers);
  const own = ownScope(deps, caller);
  const routed: Routed[] = [];
  for (const checked of r.fresh) {
    const { clientId, hash, actionType, entityType } = checked;
    const plain: AcceptedAction = { clientId, hash, actionType, entityType, time: r.now, order: 0 };
    if ('refusal' in checked) {
      routed.push({ action: { ...plain, refusal: checked.refusal }, scope: own, record: undefined, priority: 9 });
      continue;
    }
    const { wire, spec } = checked;
    const home = await homes.find(wire, checked.type, spec, checked.data);
    // Clamped also as a base: a clock that is ahead must not make up for the two minutes that a base time stays behind.
    const actionTime = wire.timestamp ? Math.min(Date.parse(wire.timestamp), r.now) : undefined;
    const time = actionTime ?? r.now;
    const priority = wire.priority ?? spec.priority;
    if ('refusal' in home) {
      routed.push({ action: { ...plain, time, refusal: home.refusal }, scope: own, record: undefined, priority });
      continue;
    }
    const strategy = wire.conflict_strategy ?? r.envelope.conflict_strategy ?? undefined;
    const seen = { type: entityType, home: home.scope, ...(home.copy ? { copy: home.copy } : {}) };
    const basis =
      typeof wire.base_version === 'number'
        ? { baseVersion: wire.base_version }
        : basisOf(r.remembered.entries, deps.epoch, { lastSync: r.lastSync, action: actionTime, presented: r.presented }, seen);
    const action: AcceptedAction = {
      ...plain,
      time,
      entityId: home.entityId,
      ...basis,
      ...(wire.data ? { data: wire.data } : {}),
      ...(wire.base ? { base: wire.base } : {}),
      ...(strategy ? { strategy } : {}),
      ...(typeof wire.schema_version === 'number' ? { schemaVersion: wire.schema_version } : {}),
    };
    routed.push({ action, scope: home.scope, record: globalKey(home.scope, entityType, home.entityId), priority });
  }
  return inOrder(routed);
}

/**
 * Stores the batches one after the other, stopping at the first failure, so that a later one never stands without an
 * earlier (P3). What was stored before trouble is swept up later. Returns each action's upload order.
 */
async function store(
  deps: Deps,
  owner: Owner,
  claims: Claims,
  routed: readonly Routed[],
  uploadNumber: number,
  now: number,
): Promise<Map<string, number>> {
  const orders = new Map<string, number>();
  for (const [position, { action }] of routed.entries()) {
    action.order = uploadOrder(uploadNumber, position);
    orders.set(action.clientId, action.order);
  }
  for (const [i, batch] of cutBatches(routed).entries()) {
    const header: BatchHeader = {
      owner,
      batchId: batchIdOf(uploadNumber, i),
      scope: batch.scope,
      claims: { sub: claims.sub, role: claims.role, departments: claims.departments },
      acceptedAt: now,
      actions: batch.actions.map(({ action, record }) => ({
        clientId: action.clientId,
        hash: action.hash,
        actionType: action.actionType,
        entityType: action.entityType,
        ...(record === undefined ? {} : { record }),
        order: action.order,
      })),
      ...untried(now),
    };
    await deps.inbox.put(header, batch.actions.map(({ action }) => action));
  }
  return orders;
}

/** Sorts by upload number, then by the batch's place. */
export function batchIdOf(uploadNumber: number, index: number): string {
  return `${String(uploadNumber).padStart(15, '0')}-${String(index).padStart(3, '0')}`;
}
