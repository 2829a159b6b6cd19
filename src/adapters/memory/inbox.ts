import type { AcceptedAction, Scope } from '../../engine/model.ts';
import type { BatchHeader, Inbox, Owner, ParkedNote } from '../../service/ports/inbox.ts';
import { compareKeys, Table } from './table.ts';

export type MemoryInbox = Inbox & {
  /** Every header and parked note, for looking at. */
  rows(): { headers: BatchHeader[]; notes: ParkedNote[] };
};

/** Actions of a batch whose payload is read with its header, as a real store may do where that is cheaper. */
const SMALL = 2;

/** Batches and parked notes, in memory. */
export function createMemoryInbox(): MemoryInbox {
  const readWith = new WeakMap<BatchHeader, AcceptedAction[]>();
  const headers = new Table<BatchHeader>();
  const payloads = new Table<AcceptedAction[]>();
  const notes = new Table<ParkedNote>();
  const placeOf = (header: BatchHeader) => `${String(header.dueAt).padStart(16, '0')}\n${ownerKey(header.owner)}\n${header.batchId}`;
  const noteOf = (scope: Scope, id: string) => notes.get(scope, id);

  return {
    async put(header, payload) {
      payloads.put(ownerKey(header.owner), header.batchId, [...payload]);
      headers.put(ownerKey(header.owner), header.batchId, header);
    },

    async headers(owner) {
      const { rows } = headers.page(ownerKey(owner), '', Number.POSITIVE_INFINITY);
      for (const header of rows.filter(({ actions }) => actions.length <= SMALL)) {
        const payload = payloads.get(ownerKey(owner), header.batchId);
        if (payload) readWith.set(header, payload);
      }
      return rows;
    },

    async header(owner, batchId) {
      return headers.get(ownerKey(owner), batchId);
    },

    async payloads(asked) {
      const found = new Map<string, AcceptedAction[]>();
      for (const header of asked) {
        const payload = readWith.get(header) ?? payloads.get(ownerKey(header.owner), header.batchId);
        if (payload) found.set(header.batchId, payload);
      }
      return found;
    },

    async change(read, change) {
      const key = ownerKey(read.owner);
      const now = headers.get(key, read.batchId);
      const same = now?.state === read.state && now.attempts === read.attempts && now.trying === read.trying;
      if (!now || !same) return false;
      const { lastError, redriven, discard, ...rest } = { ...now, ...change };
      headers.put(key, read.batchId, {
        ...rest,
        ...(lastError == null ? {} : { lastError }),
        ...(redriven == null ? {} : { redriven }),
        ...(discard == null ? {} : { discard }),
      });
      return true;
    },

    async remove({ owner, batchId }) {
      payloads.delete(ownerKey(owner), batchId);
      headers.delete(ownerKey(owner), batchId);
    },

    async park(note) {
      if (!noteOf(note.note.scope, note.id)) notes.put(note.note.scope, note.id, note);
    },

    async hold(note) {
      notes.put(note.note.scope, note.id, note);
    },

    async unpark(scope, id, holder) {
      if (noteOf(scope, id)?.holder === holder) notes.delete(scope, id);
    },

    async repark(read, change) {
      const now = noteOf(read.note.scope, read.id);
      if (now?.sends !== read.sends) return false;
      notes.put(read.note.scope, read.id, { ...now, ...change });
      return true;
    },

    async due(until, limit) {
      const pending: (BatchHeader | ParkedNote)[] = headers.all().flatMap(({ row }) => (row.state === 'pending' ? [row] : []));
      const waiting = [...pending, ...notes.all().map(({ row }) => row)];
      const rows = waiting.filter((row) => row.dueAt <= until).sort((a, b) => a.dueAt - b.dueAt).slice(0, limit);
      return { rows, unreadable: 0 };
    },

    async list(state, after, limit) {
      const rows = headers
        .all()
        .flatMap(({ row }) => (row.state === state && compareKeys(placeOf(row), after) > 0 ? [row] : []))
        .sort((a, b) => compareKeys(placeOf(a), placeOf(b)));
      const given = rows.slice(0, limit);
      const last = given.at(-1);
      return given.length < rows.length && last ? { rows: given, next: placeOf(last) } : { rows: given };
    },

    rows() {
      return { headers: headers.all().map(({ row }) => row), notes: notes.all().map(({ row }) => row) };
    },
  };
}

function ownerKey(owner: Owner): string {
  return JSON.stringify([owner.user, owner.device]);
}
