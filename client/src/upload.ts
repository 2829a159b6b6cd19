import { jsonBytes } from '../../src/engine/value.ts';
import { blamesActions, fault, Interrupted, type Refused } from './http.ts';
import { asJson, keys, type OutboxRow } from './keys.ts';
import { askOutcomes } from './outcomes.ts';
import { outboxRows } from './rows.ts';
import { step, type Session } from './session.ts';
import { reject, settle } from './settle.ts';
import type { Results } from './wire.ts';

const MOST_ACTIONS = 100;
const MOST_BYTES = 1024 * 1024;
/** Seconds that the server may wait for outcomes. */
const WAIT = 10;

/** Sends what waits, oldest first, until everything was sent. What has no answer yet is sent again first, unchanged. */
export async function upload(session: Session): Promise<void> {
  let most = MOST_ACTIONS;
  let sent = 0;
  for (;;) {
    const { batch, waiting } = await session.lease.within(async (tx) => {
      const rows = (await outboxRows(tx)).filter(isToSend);
      const batch = nextBatch(rows, most);
      // From here on they are frozen: the server may have them although no answer comes.
      for (const row of batch) if (row.state === 'new') await tx.put(keys.outbox(row.seq), asJson({ ...row, state: 'sent' }));
      return { batch, waiting: rows.length };
    });
    if (batch.length === 0) return;
    session.progress({ phase: 'upload', done: sent, total: sent + waiting });
    const heard = await session.http.ask<Results>('POST', 'upload', {
      body: {
        device_id: session.deviceId,
        ...(session.deviceInfo && { device_info: session.deviceInfo }),
        actions: batch.map(({ action }) => action),
      },
      wait: WAIT,
    });
    if ('refused' in heard) {
      most = await refused(session, batch, heard.refused);
      continue;
    }
    session.news = true;
    await step(session, (tx) => settle(tx, heard.answer, session.now()));
    if (!answersAll(heard.answer, batch)) throw new Interrupted('server', 'The answer does not speak of every action.');
    sent += batch.length;
    most = MOST_ACTIONS;
  }
}

function isToSend({ state }: OutboxRow): boolean {
  return state === 'new' || state === 'sent';
}

function nextBatch(rows: readonly OutboxRow[], most: number): OutboxRow[] {
  const batch: OutboxRow[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, most)) {
    bytes += jsonBytes(row.action);
    if (batch.length > 0 && bytes > MOST_BYTES) break;
    batch.push(row);
  }
  return batch;
}

function answersAll({ results }: Results, batch: readonly OutboxRow[]): boolean {
  const named = new Set(results.map(({ client_id }) => client_id));
  return batch.every(({ action }) => named.has(action.client_id));
}

/**
 * The whole upload was refused, and nothing of it was stored. An action that is to blame must not block the rest: it is
 * found by halving, and ends as rejected. Gives how many actions the next try may have.
 */
async function refused(session: Session, batch: readonly OutboxRow[], why: Refused): Promise<number> {
  if (!blamesActions(why) && !(why.status === 400 && why.errors.length === 0)) throw fault(why);
  const [only] = batch;
  if (batch.length > 1 || !only) return Math.ceil(batch.length / 2);
  await step(session, async (tx) => [await reject(tx, only, { code: why.code, message: why.detail, errors: why.errors }, session.now())]);
  return 1;
}

/** Asks what became of actions that the server has, without sending them again. */
export function ask({ http, deviceId }: Session, rows: readonly OutboxRow[]): Promise<Results[]> {
  return askOutcomes(http, deviceId, rows.map(({ action }) => action.client_id));
}

/** Asks about everything that the server keeps and has not decided. */
export async function askForOutcomes(session: Session): Promise<void> {
  const rows = (await session.lease.within(outboxRows)).filter(({ state }) => state === 'queued' || state === 'failed');
  for (const answer of await ask(session, rows)) {
    if (answer.results.some(({ status }) => status !== 'queued' && status !== 'failed')) session.news = true;
    await step(session, (tx) => settle(tx, answer, session.now()));
  }
}
