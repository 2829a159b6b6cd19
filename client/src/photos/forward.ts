import type { PhoneDomain } from '../domain.ts';
import { enqueue } from '../enqueue.ts';
import { Interrupted, type Http } from '../http.ts';
import type { Lease } from '../lease.ts';
import { readOne } from '../read.ts';
import { rejectedActions } from '../rows.ts';
import type { ByteStore, StoreTx } from '../store.ts';
import { keys } from '../keys.ts';
import type { Json } from '../wire.ts';
import { photoRow, photoRows, putPhoto, type PhotoRow } from './rows.ts';
import type { Send } from './send.ts';

/** What the steps of the photo queue share. */
export type PhotoSession = {
  readonly http: Http;
  readonly lease: Lease;
  readonly domain: PhoneDomain;
  readonly bytes: ByteStore;
  readonly send: Send;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly uuid: () => string;
  /** May photos go over the network that there is now? */
  maySend: () => boolean;
  progress: (id: string, sent: number) => void;
  refused: (row: PhotoRow) => void;
  changed: () => void;
  /** An action was put into the outbox. */
  named: () => void;
};

type Announced = {
  success: true;
  attachment_id: string;
  state: 'awaited' | 'ready' | 'refused';
  upload: { url: string; method: string; headers: Record<string, string> } | null;
};

/** The slowest network that is waited for, bytes a millisecond. */
const SLOWEST = 8;

/**
 * Brings one photo forward: announced, named by its record, sent. Any of it may have been done before, and by whom a kill
 * came: an announcement and a send are the same again, and the record names it in the transaction that notes so.
 */
export async function forward(session: PhotoSession, row: PhotoRow): Promise<void> {
  let upload = await announced(session, row);
  if (!upload || !session.maySend()) return;
  const bytes = await session.bytes.get(row.id);
  if (!bytes) return refuse(session, row.id, 'bytes_gone');
  let status = await put(session, row, upload, bytes);
  if (status === 403) {
    // The link ran out, perhaps while the phone slept: once more with a fresh one.
    upload = await announced(session, row);
    if (!upload) return;
    status = await put(session, row, upload, bytes);
  }
  if (status === 400) return refuse(session, row.id, 'bytes_changed');
  if (status >= 300) throw new Interrupted('server', `The store answered ${status}.`);
  await move(session, row.id, { state: 'sent' });
}

/** Where to send it; nothing if there is nothing to send any more. */
async function announced(session: PhotoSession, row: PhotoRow): Promise<NonNullable<Announced['upload']> | undefined> {
  const body = { client_id: row.id, content_type: row.contentType, size: row.size, sha256: row.sha256 };
  const told = await session.http.ask<Announced>('POST', 'attachments', { body });
  if ('refused' in told) {
    await refuse(session, row.id, told.refused.code);
    return undefined;
  }
  const { attachment_id: attachmentId, state, upload } = told.answer;
  const named = await session.lease.within((tx) => name(session, tx, row.id, attachmentId));
  if (named === 'now') session.named();
  session.changed();
  if (named === 'gone') {
    await session.bytes.delete(row.id);
    return undefined;
  }
  if (upload) return upload;
  if (state === 'refused') await refuse(session, row.id, 'refused');
  else await move(session, row.id, { state: 'sent' });
  return undefined;
}

/** Adds it to its record, once; a record that is not here any more needs no photo. */
async function name(session: PhotoSession, tx: StoreTx, id: string, attachmentId: string): Promise<'now' | 'before' | 'gone'> {
  const row = await photoRow(tx, id);
  if (!row) return 'gone';
  if (row.named) return 'before';
  const { domain, uuid, now } = session;
  if (!(await readOne(tx, domain, row.type, row.entityId))) {
    await tx.delete(keys.photo(id));
    return 'gone';
  }
  const data = { [row.field]: { $add: [attachmentId] } };
  await enqueue(tx, domain, { op: 'update', type: row.type, entityId: row.entityId, data, options: {} }, { clientId: uuid(), at: now() });
  await putPhoto(tx, { ...row, attachmentId, named: true });
  return 'now';
}

async function put(session: PhotoSession, { id, size }: PhotoRow, upload: NonNullable<Announced['upload']>, body: Uint8Array<ArrayBuffer>): Promise<number> {
  const { http, send, progress, timeoutMs } = session;
  try {
    progress(id, 0);
    const { url, method, headers } = upload;
    const status = await http.bounded((signal) => send(url, { method, headers, body, signal }, (sent) => progress(id, sent)), timeoutMs + size / SLOWEST);
    if (status < 300) progress(id, size);
    return status;
  } catch (error) {
    throw new Interrupted('offline', `No answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function refuse(session: PhotoSession, id: string, reason: string): Promise<void> {
  const row = await move(session, id, { state: 'refused', reason });
  if (row) session.refused(row);
}

async function move(session: PhotoSession, id: string, change: Partial<PhotoRow>): Promise<PhotoRow | undefined> {
  const row = await session.lease.within(async (tx) => {
    const before = await photoRow(tx, id);
    if (!before) return undefined;
    await putPhoto(tx, { ...before, ...change });
    return { ...before, ...change };
  });
  session.changed();
  return row;
}

/**
 * What was downloaded says what became of photos that were sent: one that is ready needs no row and no bytes here any more,
 * nor does one whose record is gone.
 */
export async function settle(session: PhotoSession): Promise<void> {
  const { sent, fates } = await session.lease.within(async (tx) => {
    const sent = (await photoRows(tx)).filter(({ state, named }) => state === 'sent' && named);
    const rejected = sent.length === 0 ? [] : await rejectedActions(tx);
    const fates = new Map<string, string | undefined>();
    for (const row of sent) {
      const record = await readOne(tx, session.domain, row.type, row.entityId);
      const states = record?.['attachment_states'] as Record<string, string> | undefined;
      const refusal = rejected.find(({ action }) => names(action.data?.[row.field], row.attachmentId));
      fates.set(row.id, refusal?.error.code ?? (record ? states?.[row.attachmentId ?? ''] : 'gone'));
    }
    return { sent, fates };
  });
  for (const { id } of sent) {
    const fate = fates.get(id);
    if (fate === undefined || fate === 'awaited') continue;
    if (fate !== 'ready' && fate !== 'gone') {
      await refuse(session, id, fate);
      continue;
    }
    // The row goes last: without one nobody would know of the bytes.
    await session.bytes.delete(id);
    await session.lease.within((tx) => tx.delete(keys.photo(id)));
    session.changed();
  }
}

function names(value: Json | undefined, attachmentId: string | undefined): boolean {
  const added = value !== null && typeof value === 'object' && !Array.isArray(value) ? value['$add'] : value;
  return Array.isArray(added) && attachmentId !== undefined && added.includes(attachmentId);
}
