import type { Patch } from '../runner/bundle.ts';

/** A defect: what it is, and the few words of code that make it. */
export type Mutant = { name: string; patches: readonly Patch[] };

const SERVICE = 'src/service';
const ENGINE = 'src/engine';
const MEMORY = 'src/adapters/memory';

function mutant(name: string, ...patches: [file: string, find: string, replace: string][]): Mutant {
  return { name, patches: patches.map(([file, find, replace]) => ({ file, find, replace })) };
}

const PUT = "if ((await this.#deps.log.put(commit)) === 'taken') {";
const REDO = 'await redoSafely(this.#deps, commit);';
const ADVANCE = 'await this.#deps.log.advance(this.scope, commit.n, commit.at, this.#end.head.epoch);';

/** Defects planted one at a time; each breaks a property that the simulator must miss. */
export const MUTANTS: readonly Mutant[] = [
  // The log.
  mutant('a commit is put without its condition', [`${MEMORY}/scope-log.ts`, "if (log.has(commit.n)) return 'taken';", '']),
  mutant('a refused commit counts as made', [`${SERVICE}/session.ts`, PUT, "if ((await this.#deps.log.put(commit)) === ('never' as string)) {"]),
  mutant('an outcome is written before its commit', [
    `${SERVICE}/session.ts`,
    PUT,
    `for (const o of commit.outcomes) await this.#deps.actions.put({ ...o, scope: commit.scope, n: commit.n, at: commit.at });\n    ${PUT}`,
  ]),
  mutant('no epoch begins after a restore', [`${SERVICE}/redo.ts`, 'if (end.head.epoch >= deps.epoch) return end;', 'if (end.next > 0) return end;']),
  mutant('an epoch begins before the tail is redone', [
    `${SERVICE}/redo.ts`,
    'const end = await redoTail(deps, scope);\n',
    'const old = await deps.log.head(scope);\n  if (old.epoch < deps.epoch) await deps.log.startEpoch(scope, old, deps.epoch, deps.epoch * EPOCH_STEP);\n  const end = await redoTail(deps, scope);\n',
  ]),
  mutant('a query torn by commits counts as a hole', [`${SERVICE}/redo.ts`, 'if (doubted === applied)', 'if (applied >= 0)']),

  // Redo and applied.
  mutant('applied moves before the views are written', [`${SERVICE}/session.ts`, REDO, `${ADVANCE.replace('await', 'await  ')}\n    ${REDO}`]),
  mutant('audiences are told only after applied moved', [
    `${SERVICE}/redo.ts`,
    'if (views.notes.length > 0) await sendNotes(deps, views.notes);',
    '',
  ], [`${SERVICE}/session.ts`, ADVANCE, `${ADVANCE}\n    await sendNotes(this.#deps, viewsOf(commit).notes);`], [
    `${SERVICE}/session.ts`,
    "import { redoSafely, type LogEnd } from './redo.ts';",
    "import { redoSafely, sendNotes, type LogEnd } from './redo.ts';",
  ]),
  mutant('the tail is not redone', [`${SERVICE}/redo.ts`, "await redoSafely(deps, commit);\n      deps.report.count('commits_recovered');", '']),
  mutant('redo writes rows without the condition on their version', [`${MEMORY}/entity-store.ts`, 'if (!old || old.n < row.n) entities.put(row.scope, key, row);', 'if (!old || row) entities.put(row.scope, key, row);']),
  mutant('redo writes no tombstones', [`${ENGINE}/views.ts`, 'rows: commit.changes.map((change) => change.row),', "rows: commit.changes.map((change) => change.row).filter((row) => row.state !== 'deleted'),"]),
  mutant('a worker ahead is not noticed', [`${SERVICE}/session.ts`, 'if (row.scope === this.scope && row.n >= this.#end.next) throw new Refused();', '']),

  // Exactly once, and in order.
  mutant('done is decided by the rows alone, not within the commit', [`${ENGINE}/plan.ts`, 'this.#state.done.has(key) || this.outcomes.has(key)', 'this.#state.done.has(key)']),
  mutant('done is not asked at all', [`${ENGINE}/plan.ts`, 'this.#state.done.has(key) || this.outcomes.has(key)', 'this.outcomes.has(key)']),
  mutant('a resend is stored under a new upload number', [`${SERVICE}/upload.ts`, 'checked.filter((action) => !queued.has(action.clientId))', '[...checked]']),
  mutant('nothing waits behind a dead batch', [`${SERVICE}/pending.ts`, 'return blocker !== undefined && blocker < batchId;', 'return blocker !== undefined && blocker < batchId && blocker > batchId;']),
  mutant('a later batch is stored though an earlier failed', [
    `${SERVICE}/upload.ts`,
    'await deps.inbox.put(header, batch.actions.map(({ action }) => action));',
    'await deps.inbox.put(header, batch.actions.map(({ action }) => action)).catch(() => {});',
  ]),
  mutant('a late redrive is not superseded', [`${ENGINE}/stamps.ts`, "if (stamps.some((s) => sameDevice(author, s) && s.order > author.order)) return 'own-later';", '']),
  mutant('a resend stands where its number says', [`${ENGINE}/context.ts`, 'before?.place ?? before?.order ?? 0', '0']),
  mutant('an action with another before it stands last of all', [`${ENGINE}/context.ts`, 'before?.place ?? before?.order ?? 0', 'before ? 1e15 : 0']),
  mutant('a batch is removed before it is applied', [
    `${SERVICE}/worker.ts`,
    'await session.load(items);\n',
    'await session.load(items);\n      for (const { header } of batches) await this.#deps.inbox.remove(header);\n',
  ]),
  mutant('a batch is removed though some of its actions wait', [`${SERVICE}/worker.ts`, 'if (!done) return;', 'if (!done) continue;']),

  // Conflicts.
  mutant('a base covers one version too many', [`${ENGINE}/stamps.ts`, 'return stamp.n <= action.baseVersion;', 'return stamp.n <= action.baseVersion + 1;']),
  mutant('only the last change of a field is remembered', [`${ENGINE}/stamps.ts`, 'return other ? { last: next, other } : { last: next };', 'return { last: next };']),
  mutant('a create overwrites what it meets', [`${ENGINE}/plan-write.ts`, "else if (meeting === 'create') verdicts.overlapping.push(field);", '']),
  mutant('a delete overlooks what others changed', [`${ENGINE}/plan-action.ts`, 'const fields = fieldsChangedByOthers(c.action, author, row)', 'const fields = ([] as string[])']),
  mutant('an update brings a record back from the dead', [`${ENGINE}/plan-action.ts`, "if (row.state === 'deleted') return planOnTombstone(c, type, row, data, 'update');", '']),
  mutant('a redriven action wins by itself', [`${ENGINE}/context.ts`, 'return acceptance.redrivenBy && wins ? undefined : action.strategy;', 'return acceptance.redrivenBy && wins ? action.strategy : action.strategy;']),
  mutant('a decision overwrites what changed since it was shown', [`${ENGINE}/plan-resolution.ts`, 'if (changedAfter(row, conflict, shown)) {', 'if (changedAfter(row, conflict, Math.max(shown, row.version))) {']),
  mutant('a page that was lost counts as seen', [`${SERVICE}/basis.ts`, 'Math.min(base, presented) && !entry.missed', 'base']),
  mutant('a time alone proves what a device has seen', [`${SERVICE}/basis.ts`, '?? 0 } : {};', '?? 0 } : { baseTime: base };']),

  // Routing and audiences.
  mutant('the home of a record is sought without the inbox', [`${SERVICE}/home.ts`, 'if (record !== undefined) this.#learn(record, header.scope);', 'void record;']),
  mutant('a record is sought in the own scope only', [`${SERVICE}/home.ts`, 'this.#caller.scopes.map(read)', 'this.#caller.scopes.slice(0, 1).map(read)']),
  mutant('a copy is made without looking at its version', [`${ENGINE}/plan-audience.ts`, 'if (isSettled(look)) return undefined;', '']),
  mutant('an audience that a record leaves is not told', [`${ENGINE}/plan.ts`, '...(before?.audience ?? []), ...(draft.changeOf(key)?.to ?? []), ...row.audience', '...row.audience']),
  mutant('dead audience messages are dropped', [`${SERVICE}/dead-letter.ts`, "if (body.kind === 'note') await park(deps, body.note);", "if (body.kind === 'note') return true;"]),

  // Downloads.
  mutant('a reader skips a hole', [`${SERVICE}/read-scope.ts`, 'if (commit.n !== following(head, at)) break;', '']),
  mutant('a reader takes a stale end for the end', [`${SERVICE}/read-scope.ts`, 'if (strong) return whyMissing(deps, scope, head, at, commits);', 'if (!strong) return { position: { at: head.applied, skip: 0 }, atEnd: true };']),
  mutant('a snapshot is read from a copy that lags', ['test/simulation/world/world.ts', 'staleSnapshots = false', 'staleSnapshots = true']),
  mutant('a snapshot goes on where the log ends now', [`${SERVICE}/read-scope.ts`, '{ at: from.from, skip: 0 }', '{ at: head.applied, skip: 0 }']),
  mutant('a commit split over pages goes on behind itself', [`${SERVICE}/read-scope.ts`, "if (taken !== 'all') return { position: { at, skip: taken }, atEnd: false };", "if (taken !== 'all') return { position: { at: commit.n, skip: 0 }, atEnd: false };"]),
  mutant('an outcome is told before applied has reached it', [`${SERVICE}/results.ts`, 'if (row && (applied.get(row.scope) ?? row.n) >= row.n) {', 'if (row) {']),
  mutant('a cursor of another epoch goes on', [`${ENGINE}/cursor.ts`, "if (cursor.epoch !== epoch) return { reset: 'restored', position: 'snapshot' };", '']),
  mutant('an expired log counts as read to its end', [`${SERVICE}/read-scope.ts`, "if (expired(lastMissingAt, deps.clock.now())) return 'expired';", "if (expired(lastMissingAt, deps.clock.now())) return { position: { at: head.applied, skip: 0 }, atEnd: true };"], [
    `${SERVICE}/read-scope.ts`,
    "found: readonly Commit[]): 'expired' {",
    "found: readonly Commit[]): 'expired' | { position: LogPosition; atEnd: boolean } {",
  ]),
  mutant('sync_timestamps are not unique', [`${SERVICE}/since.ts`, 'Math.max(deps.clock.now(), last + (afresh ? 2 : 1))', 'Math.floor(Math.max(deps.clock.now(), last) / 10_000) * 10_000']),

  // Photos.
  mutant('a record is not told of its photo', [`${SERVICE}/attachments/check.ts`, 'if (!isDone) await tell(', 'if (deps === undefined) await tell(']),
  mutant('a photo is told once for all commits', [`${SERVICE}/attachments/tell.ts`, 'globalKey(home, type, entityId)}\\n${n}`', 'globalKey(home, type, entityId)}`']),
  mutant('a photo that a record names stays where photos expire', [`${SERVICE}/attachments/check.ts`, 'if (await objects.keep(id))', 'if (id)']),
  mutant('what was released is removed at once', [`${SERVICE}/attachments/check.ts`, '(row.releasedAt ?? 0) + TIMES.attachmentReleasedMs', 'row.releasedAt ?? 0']),
  mutant('any bytes will do', [`${SERVICE}/attachments/check.ts`, ' && found.sha256 === row.sha256', '']),
  mutant('a photo that is awaited is looked for only once', [`${SERVICE}/attachments/looks.ts`, 'return PAUSES_MS[looks];', 'return PAUSES_MS[looks + PAUSES_MS.length];']),
  mutant('a photo that expired can be named', [`${SERVICE}/session.ts`, 'if (!isExpired(attachment, this.#deps.clock.now())) this.#attachments', 'this.#attachments']),
  mutant('a photo belongs to every record that names it', [`${ENGINE}/attachments.ts`, 'users.includes(found.user) && (found.attachedTo === undefined || found.attachedTo === key)', 'users.includes(found.user)']),

  // The verifier.
  mutant('the verifier passes over a hole', [`${SERVICE}/verify/log-check.ts`, 'if (!follows && !begins) {', "if (commit.scope === '') {"]),
  mutant('the verifier passes over rows of nobody', [`${SERVICE}/verify/view-check.ts`, "else if (!same) say('unknown', key,", "else if (!same) void ('unknown', key,"]),
  mutant('the verifier takes what an epoch left behind for damage', [`${SERVICE}/verify/log-check.ts`, 'this.last === this.#head.end);', 'this.last < 0);']),

  // Liveness.
  mutant('the sweeper forgets parked messages', [`${SERVICE}/sweeper.ts`, 'if (parked.length === 0) return;', 'if (parked.length >= 0) return;']),
  mutant('the sweeper moves rows on without sending', [`${SERVICE}/sweeper.ts`, 'await send(deps, due, sent);', '']),
  mutant('an outage kills', [`${SERVICE}/worker.ts`, '} finally {\n      await this.#endTries();', '} finally {']),
];

/** What takes more than the first 150 seeds to be noticed: left to `npm run simulate:mutants`. */
export const RARE: ReadonlySet<string> = new Set([
  'a copy is made without looking at its version',
  'a page that was lost counts as seen',
  'a photo is told once for all commits',
  'a photo that expired can be named',
  'a resend stands where its number says',
  'a time alone proves what a device has seen',
  'an outage kills',
]);

/** At which seed a defect showed that shows seldom, by `npm run simulate:mutants`: the tests begin to hunt it there. */
export const SHOWED_AT: ReadonlyMap<string, number> = new Map([
  ['a cursor of another epoch goes on', 74],
  ['a late redrive is not superseded', 151],
  ['a query torn by commits counts as a hole', 76],
  ['a redriven action wins by itself', 92],
  ['a worker ahead is not noticed', 95],
  ['an epoch begins before the tail is redone', 94],
  ['done is decided by the rows alone, not within the commit', 108],
]);
