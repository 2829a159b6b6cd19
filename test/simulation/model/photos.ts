import { createHash } from 'node:crypto';
import { globalKey, recordKey } from '../../../src/engine/keys.ts';
import type { AttachmentState, Commit, EntityRow, Outcome, Scope } from '../../../src/engine/model.ts';
import type { Json, JsonObject } from '../../../src/protocol/json.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import type { AttachmentRow } from '../../../src/service/ports/attachment-store.ts';
import type { ObjectPlace } from '../../../src/service/ports/objects.ts';
import type { Task } from '../core/task.ts';
import type { Watcher } from '../world/watcher.ts';
import type { World } from '../world/world.ts';
import { imageAt, type History } from './history.ts';
import { namedBy, worksBeside } from './photos-named.ts';
import { same } from './values.ts';

/** An announcement that was stored. */
type Announced = Pick<AttachmentRow, 'id' | 'user' | 'clientId' | 'sha256' | 'contentType'> & { at: number };
type Arrival = { at: number; sha256: string; contentType: string; gone?: number };
/**
 * A record began to name a photo, or no longer does. `lost`: it can't have it, and will be told that it is refused;
 * `doubted`: that may be so, for the photo was nobody's for so long that it may be forgotten.
 */
type Spoken = { key: string; at: number; putAt: number; live: boolean; lost: boolean; doubted: boolean };
type Happened = { id: string; at: number };

/** How much the clocks of two functions may be apart, at least, ms. */
const SLACK_MS = 60_000;

/**
 * What users announced and sent, and which records began to name it: what records may say of photos, and which may go
 * (P1, P10; design 4, Photos). Knows nothing of rows, looks and links.
 */
export class Photos implements Watcher {
  /** Kept for records that a restore took back: their objects are nobody's. */
  readonly leftBehind = new Set<string>();
  readonly #world: World;
  readonly #history: () => History;
  #announced: Announced[] = [];
  #gaveUp: Happened[] = [];
  #forgotten: Happened[] = [];
  readonly #touched = new Map<string, number>();
  readonly #arrivals = new Map<string, Arrival[]>();
  #spoken = new Map<string, Spoken[]>();
  /** Where a record began to name what it can't have, or may not have; as of then. */
  readonly #lost = new Set<string>();
  readonly #doubted = new Set<string>();

  constructor(world: World, history: () => History) {
    this.#world = world;
    this.#history = history;
  }

  announced(row: AttachmentRow): void {
    this.#announced.push({ ...row, at: this.#world.now });
    this.expected(row.id);
  }

  expected(id: string): void {
    this.#touched.set(id, this.#world.now);
  }

  arrived(id: string, bytes: Uint8Array, contentType: string): void {
    this.#arrivals.set(id, [...(this.#arrivals.get(id) ?? []), { at: this.#world.now, sha256: hashOf(bytes), contentType }]);
    this.expected(id);
  }

  gaveUp(id: string): void {
    this.#gaveUp.push({ id, at: this.#world.now });
    const spoken = (this.#spoken.get(id) ?? []).filter(({ lost }) => !lost);
    const last = spoken.findLastIndex(({ live }) => !live);
    const [released, named] = [spoken[last], spoken[last + 1]];
    const end = (released?.at ?? Number.POSITIVE_INFINITY) + TIMES.attachmentReleasedMs - SLACK_MS;
    if (this.#world.now < end || (named && named.at < end)) this.#fail('P1', `photo ${id} was given up within its week, or while a record names it`);
  }

  removedObject(place: ObjectPlace, id: string): void {
    if (!this.isGivenUp(id)) this.#fail('P1', `the object ${place}/${id} was removed, and nobody gave it up`);
    this.#world.count('a photo that nobody names any more was removed');
    if (place === 'incoming') this.#goneFrom(id);
  }

  forgotten(id: string): void {
    if (!this.isGivenUp(id)) this.#fail('P1', `the row of photo ${id} was removed, and nobody gave it up`);
    this.#forgotten.push({ id, at: this.#world.now });
  }

  /** Whatever time drops is gone, below `incoming/` all that is there. */
  expire(): void {
    for (const id of this.#arrivals.keys()) this.#goneFrom(id);
  }

  restore(time: number): void {
    const before = <T extends { at: number }>(all: T[]) => all.filter(({ at }) => at <= time);
    this.#announced = before(this.#announced);
    this.#gaveUp = before(this.#gaveUp);
    this.#forgotten = before(this.#forgotten);
    this.#spoken = new Map();
    for (const { commit, at } of this.#history().timed()) this.#note(commit, at, true);
    for (const key of this.#world.bucket.objects.keys()) {
      const id = key.slice('photos/'.length);
      if (key.startsWith('photos/') && this.#claims(id).length === 0) this.leftBehind.add(id);
    }
  }

  committed(commit: Commit, task: Task): void {
    this.#compare(commit, task);
    this.#toldOnce(commit);
    this.#note(commit, this.#world.now);
  }

  /** An action was not refused: whatever photos it adds must be its user's own, and free (P10). */
  applied(commit: Commit, outcome: Outcome, action: JsonObject, task: Task): void {
    const key = globalKey(commit.scope, outcome.entityType, outcome.entityId ?? '');
    // What the record held when it was deleted may come back with it, were it too late for the photo.
    const held = this.#before(commit, commit.scope, outcome.entityType, outcome.entityId ?? '')?.attachments ?? {};
    for (const id of this.#added(commit, outcome, action).filter((one) => !Object.hasOwn(held, one))) {
      const mine = this.#announced.some((one) => one.id === id && one.user === outcome.user);
      const gone = this.#forgotten.findLast((one) => one.id === id)?.at;
      const isGone = gone !== undefined && gone < task.startedAt && !this.#announced.some((one) => one.id === id && one.at > gone);
      const claims = this.#claims(id, task.startedAt);
      const taken = claims.some((claim) => claim.key !== key);
      const isExpired = claims.length === 0 && task.startedAt > this.unusedUntil(id);
      if (!mine || isGone || isExpired || taken) this.#fail('P10', `${outcome.clientId} added photo ${id}, which is ${taken ? "another record's" : mine ? 'gone' : 'not of its user'}`);
    }
  }

  /** Is there a reason to refuse an action for the photos that it names (P10, P12)? */
  mayBeRefused(commit: Commit, outcome: Outcome, action: JsonObject, task: Task): boolean {
    if (outcome.code !== 'validation_failed' || outcome.errors?.some(({ code }) => code !== 'unknown_attachment') !== false) return false;
    const key = globalKey(commit.scope, outcome.entityType, outcome.entityId ?? '');
    const reason = this.#added(commit, outcome, action).some((id) => {
      const announced = this.#present(id);
      if (!announced || announced.user !== outcome.user || announced.at >= task.startedAt || this.#mayBeExpired(id)) return true;
      const cleared = this.#forgotten.some((one) => one.id === id && one.at >= task.startedAt);
      return cleared || this.#claims(id).some((claim) => claim.key !== key) || worksBeside(commit, outcome);
    });
    if (reason) this.#world.count('a strange photo was refused');
    return reason;
  }

  /** A client_id of an announcement can only be taken with other content (P12). */
  mayBeReused(user: string, clientId: string, sha256: string): boolean {
    return this.#announced.some((one) => one.user === user && one.clientId === clientId && one.sha256 !== sha256);
  }

  /** A phone was told the id of its announcement (P2). */
  heard(user: string, clientId: string, id: string, sha256: string): void {
    const stored = this.#announced.filter((one) => one.id === id);
    if (!stored.some((one) => one.user === user && one.clientId === clientId && one.sha256 === sha256)) {
      this.#fail('P2', `${clientId} of ${user} was answered with photo ${id}, which is not what it announced`);
    }
  }

  /** Somebody sees these bytes through a link; nothing: the link led nowhere. */
  seen(id: string, bytes: Uint8Array | undefined): void {
    if (!bytes ? !this.isGivenUp(id) : !this.#announced.some((one) => one.id === id && one.sha256 === hashOf(bytes))) {
      this.#fail('P1', `a link to photo ${id} led to ${bytes ? 'other bytes' : 'nothing'}`);
    }
    this.#world.count('a photo was seen');
  }

  /** Photos of others, as their ids get about. */
  idsOfOthers(user: string): string[] {
    return [...new Set(this.#announced.filter((one) => one.user !== user).map(({ id }) => id))];
  }

  /** Words that a check can have come to, by all that lay where it looks. */
  verdicts(id: string): AttachmentState[] {
    const announced = this.#present(id);
    const found = (this.#arrivals.get(id) ?? []).filter(({ at, gone }) => announced && (at >= announced.at || (gone ?? Number.POSITIVE_INFINITY) > announced.at));
    const isGood = (arrival: Arrival) => arrival.sha256 === announced?.sha256 && arrival.contentType === announced.contentType;
    if (found.length === 0) return ['awaited'];
    // What lay there for 95 days, in which nobody looked, is found by nobody.
    const missed = found.every(({ gone }) => gone !== undefined) ? (['awaited'] as const) : [];
    return [...new Set([...found.map((one) => (isGood(one) ? ('ready' as const) : ('refused' as const))), ...missed])];
  }

  /** When it is forgotten at the latest, if no record names it. */
  unusedUntil(id: string): number {
    return (this.#touched.get(id) ?? 0) + TIMES.attachmentUnusedMs + SLACK_MS;
  }

  /** What was released is refused in the end, whatever its bytes. */
  isGivenUp(id: string): boolean {
    const given = this.#gaveUp.findLast((one) => one.id === id)?.at;
    return given !== undefined && given >= (this.#present(id)?.at ?? 0);
  }

  /** The announcement that stands. */
  #present(id: string): Announced | undefined {
    const gone = this.#forgotten.findLast((one) => one.id === id)?.at ?? Number.NEGATIVE_INFINITY;
    return this.#announced.findLast((one) => one.id === id && one.at > gone);
  }

  #mayBeExpired(id: string): boolean {
    const announced = this.#present(id);
    return announced !== undefined && this.#world.now > announced.at + TIMES.attachmentUnusedMs - SLACK_MS;
  }

  /** Records that took it and from whom nobody took it back; by `until`. */
  #claims(id: string, until = Number.POSITIVE_INFINITY): Spoken[] {
    const gone = this.#forgotten.findLast((one) => one.id === id)?.at ?? Number.NEGATIVE_INFINITY;
    return (this.#spoken.get(id) ?? []).filter(({ live, lost, putAt }) => live && !lost && putAt > gone && putAt < until);
  }

  #goneFrom(id: string): void {
    for (const arrival of this.#arrivals.get(id) ?? []) arrival.gone ??= this.#world.now;
  }

  /** Ids that an action adds to what its record had before this commit. */
  #added(commit: Commit, outcome: Outcome, action: JsonObject): string[] {
    const named = namedBy(action);
    if (named.length === 0) return [];
    const beside = commit.outcomes.some((other) => other !== outcome && other.entityType === outcome.entityType && other.entityId === outcome.entityId);
    const held = beside ? {} : (this.#before(commit, commit.scope, outcome.entityType, outcome.entityId ?? '')?.attachments ?? {});
    return named.filter((id) => !Object.hasOwn(held, id));
  }

  #before({ scope, n }: Commit, home: Scope, type: string, entityId: string): EntityRow | undefined {
    return imageAt(this.#history().images(scope).get(recordKey(scope, home, type, entityId)) ?? [], n - 1)?.row;
  }

  /** What the images of a commit say of photos, against what is known of them. */
  #compare(commit: Commit, task: Task): void {
    for (const { row } of commit.changes) {
      if (row.home !== commit.scope || (!row.attachments && !row.fields['photos'])) continue;
      const where = `${row.type} ${row.entityId} at ${commit.scope} ${commit.n}`;
      const shown = row.attachments ?? {};
      if (!same(Object.keys(shown), (row.fields['photos'] ?? []) as Json)) this.#fail('P6', `${where} names ${JSON.stringify(row.fields['photos'])} and shows ${JSON.stringify(shown)}`);
      if (row.state !== 'live') continue;
      const before = this.#before(commit, row.home, row.type, row.entityId)?.attachments ?? {};
      for (const [id, state] of Object.entries(shown)) {
        if (before[id] === state) continue;
        if (!this.#announced.some((one) => one.id === id && `user:${one.user}` === row.home)) this.#fail('P10', `${where} names photo ${id} of somebody else`);
        const key = globalKey(row.home, row.type, row.entityId);
        const taken = this.#claims(id, task.startedAt).some((claim) => claim.key !== key);
        if (taken && state !== 'refused') this.#fail('P10', `${where} shows photo ${id}, which belongs to another record, as ${state}`);
        if (state === 'ready' && !this.verdicts(id).includes('ready')) this.#fail('P12', `${where} shows photo ${id} as ready, and it never came`);
        if (state === 'refused' && !this.verdicts(id).includes('refused') && !this.#isLost(id, key)) this.#fail('P1', `${where} shows photo ${id} as refused without a reason`);
        if (state === 'refused') this.#world.count('a record shows a photo as refused');
      }
    }
  }

  /** Each word of the server about a photo shows something that the record did not show (P2). */
  #toldOnce(commit: Commit): void {
    if (!commit.outcomes.some(({ actionType }) => actionType === 'attachment_state')) return;
    for (const { row } of commit.changes) {
      const about = commit.outcomes.filter((o) => o.entityType === row.type && o.entityId === row.entityId && o.version !== undefined);
      const told = about.filter(({ actionType }) => actionType === 'attachment_state');
      if (row.home !== commit.scope || told.length === 0) continue;
      this.#world.count('a record was told of its photo');
      const [is, was] = [row.attachments ?? {}, this.#before(commit, row.home, row.type, row.entityId)?.attachments ?? {}];
      const changed = Object.keys(is).filter((id) => is[id] !== was[id]).length;
      if (told.length === about.length && told.length !== changed) this.#fail('P2', `${row.entityId} at ${commit.scope} ${commit.n} was told ${told.length} times of ${changed} photos`);
    }
  }

  /** Can this record not have it, whatever its bytes? */
  #isLost(id: string, key: string): boolean {
    const claims = this.#claims(id);
    const taken = claims.some((claim) => claim.key !== key) || this.#rivals(id, key).length > 0;
    const doubted = claims.some((claim) => claim.key === key && claim.doubted);
    return !this.#present(id) || this.isGivenUp(id) || taken || doubted || (claims.length === 0 && this.#mayBeExpired(id));
  }

  /** One commit may give it to a record and to another, that came back with it: then either gets it. */
  #rivals(id: string, key: string): { own: Spoken; other: Spoken }[] {
    const named = (this.#spoken.get(id) ?? []).filter(({ live }) => live);
    const pairs = named.flatMap((own) => named.map((other) => ({ own, other })));
    return pairs.filter(({ own, other }) => own.key === key && other.key !== key && own.putAt === other.putAt);
  }

  /** A record is shown that the other one got it, or that it was forgotten. */
  #yield(id: string, key: string): void {
    for (const { own, other } of this.#rivals(id, key)) [own.lost, other.lost] = [true, false];
    for (const claim of this.#claims(id)) if (claim.key === key && claim.doubted) claim.lost = true;
  }

  /** Notes which records begin to name photos, and which no longer do. */
  #note(commit: Commit, putAt: number, again = false): void {
    for (const { row } of commit.changes) {
      if (row.home !== commit.scope || row.type !== 'report') continue;
      const before = this.#before(commit, row.home, row.type, row.entityId);
      const was = before?.state === 'live' ? (before.attachments ?? {}) : {};
      const is = row.state === 'live' ? (row.attachments ?? {}) : {};
      const key = globalKey(row.home, row.type, row.entityId);
      const say = (id: string, live: boolean, lost: boolean, doubted = false) =>
        this.#spoken.set(id, [...(this.#spoken.get(id) ?? []), { key, at: commit.at, putAt, live, lost, doubted }]);
      for (const [id, state] of Object.entries(is)) {
        if (state === 'refused' && Object.hasOwn(was, id) && was[id] !== state) this.#yield(id, key);
        if (Object.hasOwn(was, id)) continue;
        const name = `${commit.scope} ${commit.n} ${key} ${id}`;
        // One that comes back shows what it showed when it was deleted, until it is told otherwise.
        const hasNone = !this.#present(id) || this.#claims(id).some((claim) => claim.key !== key);
        if (!again && (hasNone || (state === 'refused' && this.#isLost(id, key)))) this.#lost.add(name);
        if (!again && this.#claims(id).length === 0 && this.#mayBeExpired(id)) this.#doubted.add(name);
        say(id, true, this.#lost.has(name), this.#doubted.has(name));
      }
      for (const id of Object.keys(was)) if (!Object.hasOwn(is, id)) say(id, false, this.#claims(id).every((claim) => claim.key !== key));
      if (!again && before?.state === 'deleted' && Object.keys(is).length > 0) this.#world.count('a report came back with its photos');
    }
  }

  #fail(property: string, detail: string): void {
    this.#world.fail(property, 'photos', detail);
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
