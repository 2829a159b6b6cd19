import { erasingCommit, emptied, isEmpty, withoutPerson } from '../engine/erase.ts';
import { recordKey } from '../engine/keys.ts';
import type { ConflictRow, DoneAction, EntityRow, Scope } from '../engine/model.ts';
import { PHOTO_DEVICE } from './attachments/tell.ts';
import { commitsOf } from './commits-of.ts';
import type { Deps } from './deps.ts';
import { SyncError, Trouble } from './errors.ts';
import type { Erasure } from './ports/erasure.ts';
import { openLog, redoSafely } from './redo.ts';
import { RESOLVE_DEVICE } from './resolve.ts';

/** What was erased, or would be. */
export type Erased = {
  user: string;
  /** Live records of the person that everybody loses. */
  records: number;
  /** Scopes whose logs hold something of the person. */
  scopes: Scope[];
  /** Commits that were emptied, outcomes and conflicts that were removed. */
  commits: number;
  outcomes: number;
  conflicts: number;
  devices: number;
  /** Copies that an audience has not given up yet: erase again. */
  waiting: number;
  /** Records of others that the person changed. They stay, with the person's `sub` as who did it. */
  left: { home: Scope; type: string; entityId: string }[];
};

const PAGE = 200;
/** Changes of one erasing commit: empty rows are small. */
const ROWS_PER_COMMIT = 100;
/** How long audiences are given to follow, and how often that is looked at. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * Erases a person: deletes their records for everyone who sees them, by a commit like any other, waits until their
 * audiences have followed, and then empties what the logs and views still hold. Their account must be closed first, so
 * that nothing new comes. Safe to repeat; what a first run could not finish, a second does. With `dry` nothing is
 * written. Throws `SyncError` `validation_failed` while actions of the person wait or are dead.
 */
export async function erasePerson(deps: Deps, erasure: Erasure, user: string, options: { dry: boolean }): Promise<Erased> {
  const own = ownScopeOf(deps, user);
  const devices = await devicesOf(deps, user);
  await refuseWhileWaiting(deps, user, devices);
  const before = await rowsOf(deps, own);
  const outcomes = await outcomesOf(deps, user);
  if (!options.dry) await deleteForAll(deps, own);
  const rows = options.dry ? before : await rowsOf(deps, own);
  const scopes = await scopesOf(deps, own, rows, outcomes);
  const waiting = options.dry ? 0 : await audiencesFollow(deps, rows);

  let commits = 0;
  for (const scope of scopes) commits += await emptyLog(deps, erasure, scope, user, own, options.dry);
  if (!options.dry) for (const row of rows) if (!isEmpty(row)) await erasure.replace(emptied(row));
  const conflicts = await removeConflicts(deps, erasure, user, own, options.dry);
  if (!options.dry) {
    for (const { clientId } of outcomes) await erasure.removeOutcome(user, clientId);
    for (const device of devices) await erasure.removeDevice(user, device);
  }
  return {
    user, records: before.filter(({ state }) => state === 'live').length, scopes, commits, outcomes: outcomes.length, conflicts,
    devices: devices.length, waiting, left: recordsOfOthers(outcomes, own),
  };
}

function ownScopeOf(deps: Deps, user: string): Scope {
  const [own] = deps.engine.domain.scopesOf({ sub: user, role: 'citizen', departments: [] });
  if (own === undefined) throw new Error('the domain grants a person no scope');
  return own;
}

async function devicesOf(deps: Deps, user: string): Promise<string[]> {
  const all: string[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: { rows: { device: string }[]; next?: string } = await deps.devices.list(user, after, PAGE);
    all.push(...page.rows.map(({ device }) => device));
    after = page.next;
  }
  return all;
}

/** What was accepted has a right to its outcome (P1): it is worked, or discarded by a person, before it is erased. */
async function refuseWhileWaiting(deps: Deps, user: string, devices: readonly string[]): Promise<void> {
  const inboxes = await Promise.all([...devices, RESOLVE_DEVICE, PHOTO_DEVICE].map((device) => deps.inbox.headers({ user, device })));
  const waiting = inboxes.flat();
  if (waiting.length === 0) return;
  const dead = waiting.filter(({ state }) => state === 'dead').length;
  throw new SyncError('validation_failed', `${waiting.length} batches of this person have no outcome yet, of which ${dead} are dead: `
    + 'wait for the first, redrive or discard the others.');
}

async function rowsOf(deps: Deps, own: Scope): Promise<EntityRow[]> {
  const rows: EntityRow[] = [];
  for (const type of Object.keys(deps.engine.domain.types)) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: { rows: EntityRow[]; next?: string } = await deps.entities.page(own, type, after, PAGE);
      rows.push(...page.rows.filter(({ home }) => home === own));
      after = page.next;
    }
  }
  return rows;
}

async function outcomesOf(deps: Deps, user: string): Promise<DoneAction[]> {
  const all: DoneAction[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: { rows: DoneAction[]; next?: string } = await deps.actions.list(user, after, PAGE);
    all.push(...page.rows);
    after = page.next;
  }
  return all;
}

/**
 * Commits, as any worker does: whoever else writes this scope is refused, or refuses this, and then it begins again.
 * What a record is, is read after the head, so that no change slips between.
 */
async function deleteForAll(deps: Deps, own: Scope): Promise<void> {
  for (;;) {
    const { next, lastAt, head } = await openLog(deps, own);
    const live = (await rowsOf(deps, own)).filter(({ state }) => state === 'live').slice(0, ROWS_PER_COMMIT);
    if (live.length === 0) return;
    if (live.some(({ n }) => n >= next)) continue;
    const commit = erasingCommit(own, next, Math.max(deps.clock.now(), lastAt), lastAt, live);
    if ((await deps.log.put(commit)) === 'taken') continue;
    await redoSafely(deps, commit);
    await deps.log.advance(own, commit.n, commit.at, head.epoch);
  }
}

/** Every log that may tell of the person: their own, where their records were shared, and where they acted. */
async function scopesOf(deps: Deps, own: Scope, rows: readonly EntityRow[], outcomes: readonly DoneAction[]): Promise<Scope[]> {
  const scopes = new Set<Scope>([own, ...rows.flatMap(({ audience }) => audience), ...outcomes.map(({ scope }) => scope)]);
  for await (const { changes } of commitsOf(deps, own)) {
    for (const { row, to } of changes) if (row.home === own) for (const scope of to) scopes.add(scope);
  }
  return [...scopes].sort();
}

/** Waits until no audience shows a live copy. A copy that followed took a number: no older image comes after it. */
async function audiencesFollow(deps: Deps, rows: readonly EntityRow[]): Promise<number> {
  const until = deps.clock.now() + PATIENCE_MS;
  const places = rows.flatMap(({ home, type, entityId, audience }) =>
    audience.filter((scope) => scope !== home).map((scope) => ({ scope, key: recordKey(scope, home, type, entityId) })));
  for (;;) {
    let live = 0;
    for (let i = 0; i < places.length; i += PAGE) {
      live += [...(await deps.entities.get(places.slice(i, i + PAGE))).values()].filter(({ state }) => state === 'live').length;
    }
    if (live === 0 || deps.clock.now() >= until) return live;
    await deps.clock.sleep(LOOK_EVERY_MS);
  }
}

/** Empties the commits of one log, and the rows that they wrote; says how many commits told of the person. */
async function emptyLog(deps: Deps, erasure: Erasure, scope: Scope, user: string, own: Scope, dry: boolean): Promise<number> {
  const head = await deps.log.head(scope);
  const keys = new Set<string>();
  let count = 0;
  for await (const commit of commitsOf(deps, scope)) {
    const rest = withoutPerson(commit, user, own);
    if (!rest) continue;
    // Its views are still to be written, from what it says now.
    if (commit.n > head.applied && !dry) throw new Trouble('the log is not redone to its end', undefined);
    count++;
    for (const { row } of commit.changes) if (row.home === own) keys.add(recordKey(scope, own, row.type, row.entityId));
    if (!dry) await erasure.rewrite(rest);
  }
  if (dry) return count;
  const places = [...keys].map((key) => ({ scope, key }));
  for (let i = 0; i < places.length; i += PAGE) {
    for (const row of (await deps.entities.get(places.slice(i, i + PAGE))).values()) {
      if (row.state !== 'live' && !isEmpty(row)) await erasure.replace(emptied(row));
    }
  }
  return count;
}

async function removeConflicts(deps: Deps, erasure: Erasure, user: string, own: Scope, dry: boolean): Promise<number> {
  const found = new Map<string, ConflictRow>();
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: { rows: ConflictRow[]; next?: string } = await deps.conflicts.list(user, after, PAGE);
    for (const row of page.rows) found.set(row.id, row);
    after = page.next;
  }
  for await (const row of erasure.conflictsAbout(own)) found.set(row.id, row);
  if (!dry) for (const row of found.values()) await erasure.removeConflict(row);
  return found.size;
}

function recordsOfOthers(outcomes: readonly DoneAction[], own: Scope): Erased['left'] {
  const left = new Map<string, Erased['left'][number]>();
  for (const { status, home, entityType: type, entityId } of outcomes) {
    if (status !== 'success' || home === undefined || home === own || entityId === undefined) continue;
    left.set(`${home} ${type} ${entityId}`, { home, type, entityId });
  }
  return [...left.values()];
}
