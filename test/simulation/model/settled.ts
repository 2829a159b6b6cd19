import { actionKey, recordKey } from '../../../src/engine/keys.ts';
import type { EntityRow } from '../../../src/engine/model.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import { isAppliedTo } from './applied.ts';
import { nameIn } from './dropped.ts';
import type { World } from '../world/world.ts';
import type { Ledger } from './ledger.ts';
import { photosAreQuiet } from './photos-settled.ts';
import { same, sameFields } from './values.ts';

/** Does anything wait for anybody? Dead batches, and what waits behind them, only when `deadToo`. */
export function isQuiet(world: World, deadToo: boolean): boolean {
  if (world.running > 0 || world.queue.size > 0 || world.letters.size > 0 || !photosAreQuiet(world)) return false;
  const { headers, notes } = world.stores.inbox.rows();
  if (notes.length > 0) return false;
  if (deadToo) return headers.length === 0;
  const dead = headers.filter(({ state }) => state === 'dead');
  return headers.every((header) => header.state === 'dead' || dead.some(({ owner, batchId }) => owner.device === header.owner.device && batchId < header.batchId));
}

/** When all faults have healed and everything has come to rest: all tables tell the story of the logs (P6, P13). */
export async function checkSettled(world: World, ledger: Ledger): Promise<void> {
  const { history } = ledger;
  const fail = (property: string, detail: string) => world.fail(property, 'settled', detail);
  for (const scope of history.scopes()) {
    const head = await world.stores.log.head(scope);
    const end = history.end(scope);
    if (!isAppliedTo(head, end)) fail('P13', `applied of ${scope} is ${head.applied}, its log ends at ${end}`);
  }
  for (const { spec, action, accepted } of ledger.intents()) {
    if (accepted && !history.outcome(spec.user, action.client_id)) fail('P1', `${action.client_id} was accepted and has no outcome`);
  }
  checkOutcomes(world, ledger, fail);
  checkRows(world, ledger, fail);
  checkConflicts(world, ledger, fail);
  checkCounters(ledger, fail);
}

type Fail = (property: string, detail: string) => void;

function checkOutcomes(world: World, ledger: Ledger, fail: Fail): void {
  const { history } = ledger;
  const rows = world.stores.actions.rows();
  for (const row of rows) {
    const decided = history.outcome(row.user, row.clientId);
    if (ledger.intent(row.clientId)?.twice) continue;
    const told = decided && decided.scope === row.scope && decided.n === row.n && decided.outcome.status === row.status;
    if (!told) fail('P2', `the action log has ${row.clientId} at ${row.scope} ${row.n}, the logs ${decided ? `at ${decided.scope} ${decided.n}` : 'nowhere'}`);
  }
  const stored = new Set(rows.map((row) => actionKey(row.user, row.clientId)));
  for (const { outcome } of history.outcomes()) {
    if (!stored.has(actionKey(outcome.user, outcome.clientId))) fail('P1', `the action log lacks ${outcome.clientId}`);
  }
}

/** Rows are the last images; copies are what their homes are, where they should be and nowhere else. */
function checkRows(world: World, { history }: Ledger, fail: Fail): void {
  const rows = new Map(world.stores.entities.rows().map((row) => [nameIn(row.scope, row), row]));
  const seen = new Set<string>();
  for (const scope of history.scopes()) {
    for (const [key, images] of history.images(scope)) {
      const image = images.at(-1)?.row;
      const row = rows.get(`${scope}\n${key}`);
      seen.add(`${scope}\n${key}`);
      if (!image || (!row && image.state !== 'live' && image.updatedAt + TIMES.retentionMs <= world.now)) continue;
      const agrees = row && row.state === image.state && row.version === image.version && sameFields(row.fields, image.fields) && sameStates(row, image);
      if (!agrees) fail('P6', `the row ${key} of ${scope} is ${row?.state} ${row?.version} ${JSON.stringify(row?.fields)}, its log says ${image.state} ${image.version} ${JSON.stringify(image.fields)}`);
    }
  }
  for (const [key, row] of rows) {
    if (!seen.has(key)) fail('P6', `the row ${key} is in no log`);
    if (row.state !== 'live') continue;
    const home = rows.get(`${row.home}\n${recordKey(row.home, row.home, row.type, row.entityId)}`);
    if (row.scope !== row.home && !(home?.state === 'live' && home.audience.includes(row.scope))) fail('P6', `${row.scope} still has ${row.entityId}, which is not for it`);
    for (const audience of row.scope === row.home ? row.audience : []) {
      const copy = rows.get(`${audience}\n${recordKey(audience, row.home, row.type, row.entityId)}`);
      const follows = audience === row.home || (copy?.state === 'live' && copy.version === row.version && sameFields(copy.fields, row.fields) && sameStates(copy, row));
      if (!follows) fail('P6', `the copy of ${row.entityId} in ${audience} is ${copy?.state} ${copy?.version}, its home ${row.home} has ${row.version}`);
    }
  }
}

/** Do two rows show the same of their photos? */
function sameStates(a: EntityRow, b: EntityRow): boolean {
  return same(a.attachments ?? {}, b.attachments ?? {});
}

function checkConflicts(world: World, { history }: Ledger, fail: Fail): void {
  const open = new Set<string>();
  const rows = new Map(world.stores.conflicts.rows().map((row) => [row.id, row]));
  for (const conflict of history.conflicts()) {
    const row = rows.get(conflict.id);
    if (!row || row.n !== conflict.n || row.status !== conflict.status || row.revision !== conflict.revision) {
      fail('P4', `conflict ${conflict.id} is stored as ${row?.status} of ${row?.n}, its log says ${conflict.status} of ${conflict.n}`);
    }
    const key = `${conflict.user} ${conflict.device} ${conflict.home} ${conflict.type} ${conflict.entityId}`;
    if (conflict.status === 'unresolved' && open.has(key)) fail('design 5', `two open conflicts of ${key}`);
    if (conflict.status === 'unresolved') open.add(key);
  }
}

/** Of tasks that never were gone nor decided on: the counter is the sum of what was answered as counted (P2). */
function checkCounters(ledger: Ledger, fail: Fail): void {
  const { history } = ledger;
  const sums = new Map<string, number>();
  const unclear = new Set(history.conflicts().map(({ home, type, entityId }) => `${home}\n${recordKey(home, home, type, entityId)}`));
  for (const { outcome, scope } of history.words()) {
    const visits = (ledger.intent(outcome.clientId)?.action['data'] as JsonObject | undefined)?.['visits'] as JsonObject | undefined;
    if (outcome.status !== 'success' || typeof visits?.['$inc'] !== 'number') continue;
    const key = `${scope}\n${recordKey(scope, scope, 'task', outcome.entityId ?? '')}`;
    sums.set(key, (sums.get(key) ?? 0) + visits['$inc']);
  }
  for (const scope of history.scopes()) {
    for (const [key, images] of history.images(scope)) {
      const last = images.at(-1)?.row;
      if (last?.type !== 'task' || last.home !== scope || unclear.has(`${scope}\n${key}`) || images.some(({ row }) => row.state !== 'live')) continue;
      const sum = sums.get(`${scope}\n${key}`) ?? 0;
      if (last.fields['visits'] !== sum) fail('P2', `${key} counts ${String(last.fields['visits'])} visits, ${sum} were answered as counted`);
    }
  }
}
