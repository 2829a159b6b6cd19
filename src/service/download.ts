import { decodeCursor, encodeCursor, NEW_HEAD, resume, type Cursor, type Position } from '../engine/cursor.ts';
import type { Actor, Scope } from '../engine/model.ts';
import { Page } from '../engine/page.ts';
import { iso, toDeleted, toRecord } from '../engine/wire.ts';
import type { DownloadQuery, DownloadResponse } from '../protocol/download.ts';
import { LIMITS, TIMES } from '../protocol/limits.ts';
import type { Deps } from './deps.ts';
import { SyncError } from './errors.ts';
import type { Owner } from './ports/inbox.ts';
import { Reading, readScope } from './read-scope.ts';
import { cursorSince, remember, scopesGiven } from './since.ts';
import { admitDevice } from './upload.ts';

/** More than the clocks of two functions can be apart, and timestamps run ahead of them. */
const CLOCKS_APART_MS = 3600_000;

/**
 * The next page of what changed for this device, over all scopes that its token grants (design 4, Download). Whatever
 * the page size, a device that follows its cursor holds what a fresh snapshot holds (P5). A poll that finds nothing
 * costs one strong read of the head per scope. Throws `HoleInLog` rather than skip (P14).
 */
export async function download(deps: Deps, caller: Actor, query: DownloadQuery): Promise<DownloadResponse> {
  const owner: Owner = { user: caller.sub, device: query.device_id };
  const types = typesOf(deps, query.types);
  const asked = query.types === undefined ? [] : types;
  const presented = await presentedCursor(deps, owner, query);
  const { cursor } = presented;
  if (!cursor) await admitUnknownDevice(deps, owner);

  const reset: DownloadResponse['reset'] = [];
  const page = new Page(query.limit ?? LIMITS.pageRecordsDefault);
  const positions: Record<Scope, Position> = {};
  const heads = await Promise.all(caller.scopes.map((scope) => deps.log.head(scope)));
  const starts = caller.scopes.map((scope, i) => resume(cursor, scope, heads[i] ?? NEW_HEAD, deps.epoch, asked));
  // A number that a log has not reached was not given by it: then nothing of this cursor counts.
  const unknown = presented.unknown || starts.some((start) => start.reset === 'unknown');
  const given = unknown && cursor ? [...new Set([...presented.given, ...(await scopesGiven(deps, owner))])] : presented.given;
  const reading = new Reading(page);
  let more = false;
  for (const [i, scope] of caller.scopes.entries()) {
    const [head, start] = [heads[i], starts[i]];
    if (!head || !start) continue;
    const from = unknown ? 'snapshot' : start.position;
    const read = await readScope(deps, scope, head, from, reading, types);
    positions[scope] = read.position;
    if (!read.atEnd) more = true;
    // It may hold what a snapshot no longer shows.
    const held = from === 'snapshot' && given.includes(scope);
    const reason = unknown ? 'unknown' : (start.reset ?? (read.expired || held ? 'expired' : undefined));
    if (reason) reset.push({ scope, reason });
  }
  for (const scope of given) if (!caller.scopes.includes(scope)) reset.push({ scope, reason: 'revoked' });

  const next: Cursor = { epoch: deps.epoch, types: asked, scopes: positions, ts: 0, noted: cursor?.noted ?? 0 };
  const empty = cursor !== undefined && page.size === 0 && reset.length === 0 && !more;
  const afresh = cursor === undefined || reset.length > 0;
  const place = empty ? await repeat(deps, owner, cursor, next) : await stamp(deps, owner, cursor, next, afresh, page.bytes);
  return { ...bodyOf(deps, page, types), reset, scopes: reached(positions), ...place, has_more: more };
}

/** What the device came with. `unknown`: a cursor that is not ours (or no longer). `given`: scopes that it may hold. */
type Presented = { cursor: Cursor | undefined; unknown: boolean; given: Scope[] };

async function presentedCursor(deps: Deps, owner: Owner, query: DownloadQuery): Promise<Presented> {
  if (query.cursor !== undefined) {
    const cursor = ofOurTime(deps, decodeCursor(query.cursor));
    return { cursor, unknown: !cursor, given: cursor ? Object.keys(cursor.scopes) : await scopesGiven(deps, owner) };
  }
  if (query.since === undefined) return { cursor: undefined, unknown: false, given: [] };
  const { cursor, given } = await cursorSince(deps, owner, query.since);
  return { cursor, unknown: !cursor, given: [...new Set([...Object.keys(cursor?.scopes ?? {}), ...given])] };
}

/** Its times are ours, and hardly ahead of any of our clocks. What lies far ahead would be passed on for ever. */
function ofOurTime(deps: Deps, cursor: Cursor | undefined): Cursor | undefined {
  const latest = deps.clock.now() + CLOCKS_APART_MS;
  return cursor && cursor.ts <= latest && cursor.noted <= latest ? cursor : undefined;
}

async function admitUnknownDevice(deps: Deps, owner: Owner): Promise<void> {
  if (!(await deps.devices.get(owner.user, owner.device))) await admitDevice(deps, owner);
}

function typesOf(deps: Deps, text: string | undefined): string[] {
  const known = Object.keys(deps.engine.domain.types).sort();
  if (text === undefined) return known;
  const wanted = [...new Set(text.split(',').map((type) => type.trim()))].sort();
  const unknown = wanted.filter((type) => !known.includes(type));
  if (unknown.length === 0) return wanted;
  const message = `Known types: ${known.join(', ')}.`;
  throw new SyncError('validation_failed', 'The query is not valid.', {
    errors: [{ pointer: '/query/types', code: 'unknown_type', message }],
  });
}

type Given = Pick<DownloadResponse, 'cursor' | 'sync_timestamp'>;

/** An empty page repeats the timestamp it was asked with, and writes nothing but `last_download`, once a minute. */
async function repeat(deps: Deps, owner: Owner, cursor: Cursor, next: Cursor): Promise<Given> {
  const now = deps.clock.now();
  const due = now - cursor.noted >= TIMES.lastDownloadEveryMs;
  if (due) await deps.devices.noteDownload(owner.user, owner.device, { at: now, counts: false, presented: cursor.ts });
  const same = { ...next, ts: cursor.ts, noted: due ? now : cursor.noted };
  return { cursor: encodeCursor(same), sync_timestamp: iso(cursor.ts) };
}

async function stamp(deps: Deps, owner: Owner, cursor: Cursor | undefined, next: Cursor, afresh: boolean, bytes: number): Promise<Given> {
  const now = deps.clock.now();
  const presented = cursor?.ts ?? 0;
  // Without a cursor this was asked before anything was read.
  const admit = async () => (cursor ? admitUnknownDevice(deps, owner) : undefined);
  const stamped = await remember(deps, owner, { ...next, noted: now }, presented, afresh, admit);
  await deps.devices.noteDownload(owner.user, owner.device, { at: now, counts: true, presented: stamped.floor ?? presented, bytes });
  return { cursor: stamped.text, sync_timestamp: iso(stamped.cursor.ts) };
}

function bodyOf(deps: Deps, page: Page, types: readonly string[]): Pick<DownloadResponse, 'success' | 'data' | 'deleted'> {
  const data: DownloadResponse['data'] = {};
  const deleted: DownloadResponse['deleted'] = {};
  const collections = new Map<string, string>();
  for (const name of types) {
    const collection = deps.engine.domain.types[name]?.collection ?? name;
    collections.set(name, collection);
    data[collection] = [];
    deleted[collection] = [];
  }
  for (const row of page.rows()) {
    const collection = collections.get(row.type) ?? row.type;
    if (row.state === 'live') data[collection]?.push(toRecord(row));
    else deleted[collection]?.push(toDeleted(row));
  }
  return { success: true, data, deleted };
}

/** Per scope the last commit that is wholly in the pages so far; none while a snapshot runs. */
function reached(positions: Record<Scope, Position>): Record<Scope, number> {
  return Object.fromEntries(Object.entries(positions).flatMap(([scope, p]) => ('at' in p ? [[scope, p.at]] : [])));
}
