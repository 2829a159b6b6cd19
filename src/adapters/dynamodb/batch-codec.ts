import type { AcceptedAction, AudienceNote } from '../../engine/model.ts';
import type { BatchHeader, ParkedNote } from '../../service/ports/inbox.ts';
import { dueKey } from './due-index.ts';
import { INBOX, notesOf, ownerKey, ownerOf } from './keys.ts';
import { pack, unpack, type Packed } from './pack.ts';
import type { Item } from './table.ts';

type Body = Pick<BatchHeader, 'scope' | 'claims' | 'acceptedAt' | 'actions'>;

/** A header as an item: what changes, and what conditions ask for, in plain attributes; the rest packed. */
export function headerToItem(header: BatchHeader): Item {
  const { owner, batchId, scope, claims, acceptedAt, actions } = header;
  const key = ownerKey(owner);
  const body: Body = { scope, claims, acceptedAt, actions };
  return {
    owner: key,
    batch_id: INBOX.header + batchId,
    due: dueKey(header.state, key, batchId),
    due_at: header.dueAt,
    state: header.state,
    attempts: header.attempts,
    trying: header.trying,
    sends: header.sends,
    changed_at: header.changedAt,
    last_error: header.lastError,
    redriven: header.redriven,
    discard: header.discard,
    body: pack(body, key),
  };
}

export function headerOf(item: Item): BatchHeader {
  const { owner, batch_id: sort, redriven, discard, last_error: lastError } = item;
  const number = (name: string) => Number(item[name]);
  return {
    owner: ownerOf(String(owner)),
    batchId: String(sort).slice(INBOX.header.length),
    ...(unpack(item['body'], String(owner)) as Body),
    state: item['state'] as BatchHeader['state'],
    attempts: number('attempts'),
    trying: number('trying'),
    changedAt: number('changed_at'),
    sends: number('sends'),
    dueAt: number('due_at'),
    ...(typeof lastError === 'string' ? { lastError } : {}),
    ...(redriven ? { redriven: redriven as NonNullable<BatchHeader['redriven']> } : {}),
    ...(discard ? { discard: true } : {}),
  };
}

/** Bytes of a header's packed parts up to which the payload stands in the header's own item: 4 KB are one read unit. */
const INLINE_BYTES = 3500;

/**
 * The items of a batch, in the order in which they are put: its payload, then its header; or one with both, where that
 * is still one read unit. Rounding up to a kilobyte, twice for the put and the delete, costs more than half of a batch.
 */
export function batchToItems(header: BatchHeader, payload: readonly AcceptedAction[]): Item[] {
  const headerItem = headerToItem(header);
  const payloadItem = payloadToItem(header, payload);
  const small = packedBytes(headerItem['body']) + packedBytes(payloadItem['body']) <= INLINE_BYTES;
  return small ? [{ ...headerItem, payload: payloadItem['body'] }] : [payloadItem, headerItem];
}

function packedBytes(packed: unknown): number {
  return Buffer.byteLength(packed as Packed);
}

/** Does this item, a header's or a payload's own, hold the payload? */
export function holdsPayload(item: Item): boolean {
  return item['payload'] !== undefined || String(item['batch_id']).startsWith(INBOX.payload);
}

/** What an action's entry in the header says too. */
const IN_HEADER = ['clientId', 'hash', 'actionType', 'entityType', 'order'] as const;

type Entry = BatchHeader['actions'][number];

/**
 * The payload leaves out what the header says too: ids and hashes do not compress, and a unit saved is saved twice, as
 * deletes are counted by size.
 */
export function payloadToItem(header: BatchHeader, payload: readonly AcceptedAction[]): Item {
  const key = ownerKey(header.owner);
  const parts = payload.map((action, i) => {
    const said = saidBy(header.actions[i]);
    const rest = Object.entries(action).filter(([name, value]) => said[name] !== value);
    const absent = Object.keys(said).filter((name) => !Object.hasOwn(action, name));
    return Object.fromEntries([...rest, ...absent.map((name) => [name, null] as const)]);
  });
  return { owner: key, batch_id: INBOX.payload + header.batchId, body: pack(parts, key) };
}

/** The payload of an item that holds one, put together with its header again. */
export function payloadOf(item: Item, header: BatchHeader): AcceptedAction[] {
  const parts = unpack(item['payload'] ?? item['body'], String(item['owner'])) as Item[];
  return parts.map((part, i) => {
    const said = saidBy(header.actions[i]);
    const whole = Object.entries({ ...said, ...part }).filter(([, value]) => value !== null);
    return Object.fromEntries(whole) as AcceptedAction;
  });
}

/** Members of an action that its header entry implies. The record's key has the entity's id in it. */
function saidBy(entry: Entry | undefined): Item {
  if (!entry) return {};
  const said: Item = Object.fromEntries(IN_HEADER.map((name) => [name, entry[name]]));
  const encoded = entry.record?.split('#')[1];
  return encoded === undefined ? said : { ...said, entityId: decodeURIComponent(encoded) };
}

/** A parked note: pending for the sweeper like a batch. */
export function noteToItem({ id, note, sends, dueAt, holder }: ParkedNote): Item {
  const owner = notesOf(note.scope);
  return {
    owner,
    batch_id: INBOX.note + id,
    due: dueKey('pending', owner, id),
    due_at: dueAt,
    sends,
    holder,
    body: pack(note, owner),
  };
}

export function noteOf(item: Item): ParkedNote {
  return {
    id: String(item['batch_id']).slice(INBOX.note.length),
    note: unpack(item['body'], String(item['owner'])) as AudienceNote,
    sends: Number(item['sends']),
    dueAt: Number(item['due_at']),
    ...(typeof item['holder'] === 'string' ? { holder: item['holder'] } : {}),
  };
}
