import { LIMITS } from '../../protocol/limits.ts';
import type { AttachmentRow, AttachmentStore } from '../../service/ports/attachment-store.ts';
import { Table } from './table.ts';

export type MemoryAttachmentStore = AttachmentStore & {
  /** Drops what TTL would have dropped by then, ms; `isLate`: not yet. */
  expire(now: number, isLate?: (name: string) => boolean): void;
  /** Every row, for looking at. */
  rows(): AttachmentRow[];
};

/** What time drops, it drops a day late: a commit that names it may still write its link. */
const LATE_MS = 24 * 3600_000;

/** Attachments, in memory. */
export function createMemoryAttachmentStore(): MemoryAttachmentStore {
  const table = new Table<AttachmentRow>();
  const days = new Map<string, { count: number; bytes: number }>();
  const read = (id: string) => table.get(id, '-');
  const write = (row: AttachmentRow) => table.put(row.id, '-', row);

  return {
    async get(ids) {
      return new Map(ids.flatMap((id) => {
        const row = read(id);
        return row ? [[id, row] as const] : [];
      }));
    },

    async count(user, day, size) {
      const key = JSON.stringify([user, day]);
      const { count, bytes } = days.get(key) ?? { count: 0, bytes: 0 };
      if (count >= LIMITS.attachmentsPerDay || bytes + size > LIMITS.attachmentDayBytes) return false;
      days.set(key, { count: count + 1, bytes: bytes + size });
      return true;
    },

    async announce(row, now) {
      const old = read(row.id);
      if (old && !hasExpired(old, now)) return false;
      write(row);
      return true;
    },

    async expect(id, { expiresAt, dueAt }) {
      const row = read(id);
      if (row?.state !== 'awaited' || row.releasedAt !== undefined) return;
      write({ ...row, ...(row.expiresAt === undefined ? {} : { expiresAt }), dueAt, looks: 0 });
    },

    async settle(id, { state, expiresAt, dueAt }) {
      const row = read(id);
      if (row?.state === 'awaited') write({ ...row, state, ...(row.expiresAt === undefined ? {} : { expiresAt }), dueAt, looks: 0 });
      return read(id);
    },

    async link({ id, key, n, at, live, state, row: { home, type, entityId } }, dueAt) {
      const row = read(id);
      if (!row || hasExpired(row, at) || (row.n !== undefined && row.n >= n) || (row.attachedTo !== undefined && row.attachedTo !== key)) return row;
      const { expiresAt: _, releasedAt: __, ...rest } = row;
      const holder = { home, type, entityId };
      write({ ...rest, attachedTo: key, holder, n, told: state, dueAt, looks: 0, ...(live ? {} : { releasedAt: at }) });
      return read(id);
    },

    async keep(id) {
      const row = read(id);
      if (row) write({ ...row, kept: true });
    },

    async giveUp(asRead) {
      const row = read(asRead.id);
      if (row?.n !== asRead.n || row?.releasedAt === undefined) return false;
      write({ ...row, state: 'refused' });
      return true;
    },

    async postpone(asRead, dueAt, looks) {
      const row = read(asRead.id);
      if (!row || row.dueAt !== asRead.dueAt || row.looks !== asRead.looks) return;
      const { dueAt: _, ...rest } = row;
      write({ ...rest, looks, ...(dueAt === undefined ? {} : { dueAt }) });
    },

    async remove(id) {
      table.delete(id, '-');
    },

    async due(until, limit) {
      const due = table.all().flatMap(({ row }) => (row.dueAt !== undefined && row.dueAt <= until ? [{ id: row.id, at: row.dueAt }] : []));
      return due.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).slice(0, limit).map(({ id }) => id);
    },

    expire(now, isLate = () => false) {
      for (const { row } of table.all()) {
        if (row.expiresAt !== undefined && row.expiresAt + LATE_MS <= now && !isLate(row.id)) table.delete(row.id, '-');
      }
    },

    rows() {
      return table.all().map(({ row }) => row);
    },
  };
}

function hasExpired({ expiresAt }: AttachmentRow, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
