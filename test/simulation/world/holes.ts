import { civic } from '../../../src/domain/civic.ts';
import { actorOf } from '../../../src/engine/domain.ts';
import { encodeCursor } from '../../../src/engine/cursor.ts';
import type { Commit } from '../../../src/engine/model.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import { download } from '../../../src/service/download.ts';
import { HoleInLog } from '../../../src/service/errors.ts';
import { redoTail } from '../../../src/service/redo.ts';
import { hashText } from '../core/random.ts';
import type { History } from '../model/history.ts';
import { checkDamageIsFound } from '../model/verified.ts';
import { person } from '../scenario/scenario.ts';
import type { World } from './world.ts';

/**
 * The last thing of a run: a commit is lost from a log that was whole. Readers must stop there, not skip, and so must
 * who would write (P14).
 */
export async function checkHoles(world: World, history: History): Promise<void> {
  const user = ['alice', 'olga'].find((name) => history.end(`user:${name}`) % 1_000_000 >= 2);
  if (user === undefined || world.failure) return;
  const scope = `user:${user}`;
  const end = history.end(scope);
  // What an earlier epoch left is no longer read.
  if ((await world.stores.log.head(scope)).start > end) return;
  const first = end - (end % 1_000_000);
  const n = first + 1 + Math.floor(world.faults.unit(hashText(scope), 0, 50) * ((end % 1_000_000) - 1));
  const commit = history.commit(scope, n);
  if (!commit || (n > 1 && !history.commit(scope, n - 1)) || world.now - commit.at > TIMES.retentionMs / 2) return;
  world.lost.add(`${scope}/${n}`);
  world.count('a commit was lost');
  await reads(world, user, scope, n);
  await verified(world, checkDamageIsFound(world, scope, 'hole'));
  const row = world.stores.entities.rows().find((one) => one.scope === scope && one.state === 'live' && one.n < end);
  if (row) {
    // The last commit did not write it.
    await world.stores.entities.put({ ...row, n: end, fields: { ...row.fields, title: 'out of thin air' } });
    await verified(world, checkDamageIsFound(world, scope, 'record_unknown'));
  }
  await writes(world, scope, end);
}

async function reads(world: World, user: string, scope: string, n: number): Promise<void> {
  const actor = actorOf(civic, person(user));
  const cursor = encodeCursor({ epoch: world.epoch, types: [], scopes: { [scope]: { at: n - 1, skip: 0 } }, ts: 0, noted: 0 });
  const ended = await soon(world, 'reader at a hole', (deps) => download(deps, actor, { device_id: `${user}-new`, cursor }));
  const stopped = ended?.kind === 'threw' && ended.error instanceof HoleInLog && ended.error.missing === n;
  if (!stopped) world.fail('P14', 'holes', `a reader of ${scope} did not stop at the hole ${n}: ${JSON.stringify(ended)}`);
}

async function verified(world: World, check: Promise<void>): Promise<void> {
  let ended = false;
  void check.then(() => {
    ended = true;
  });
  await world.scheduler.run(() => ended);
}

/** A commit beyond the end, and none between: whoever would redo the tail stops. */
async function writes(world: World, scope: string, end: number): Promise<void> {
  const beyond: Commit = { scope, n: end + 2, at: world.now, prevAt: world.now, changes: [], outcomes: [], conflicts: [] };
  await world.stores.log.put(beyond);
  const ended = await soon(world, 'writer at a hole', (deps) => redoTail(deps, scope));
  const stopped = ended?.kind === 'threw' && ended.error instanceof HoleInLog && ended.error.missing === end + 1;
  const { applied } = await world.stores.log.head(scope);
  if (!stopped || applied !== end) world.fail('P14', 'holes', `a writer of ${scope} did not stop at the hole ${end + 1}: ${JSON.stringify(ended)}, applied ${applied}`);
}

async function soon<T>(world: World, name: string, body: Parameters<typeof world.run<T>>[2]) {
  const pending = world.run(name, 60_000, body);
  let ended: Awaited<typeof pending> | undefined;
  void pending.then((end) => {
    ended = end;
  });
  await world.scheduler.run(() => ended !== undefined || world.failure !== undefined);
  return ended;
}
