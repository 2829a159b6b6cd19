import type { BatchHeader, HeaderChange, Inbox, ParkedNote } from '../../service/ports/inbox.ts';
import { batchToItems, headerOf, holdsPayload, noteOf, noteToItem, payloadOf } from './batch-codec.ts';
import { compareDue, dueKey, readDue, type Due } from './due-index.ts';
import { INBOX, notesOf, ownerKey } from './keys.ts';
import { readPlace, writePlace } from './place.ts';
import type { DynamoTable, Expression, Item } from './table.ts';

const NOT_PARKED_YET: Expression = { text: 'attribute_not_exists(#owner)', names: { '#owner': 'owner' } };

/** Pending and dead batches, and parked notes (design 3, `upload_inbox`). */
export function createInbox(table: DynamoTable): Inbox {
  /** The items that headers were read from: that of a small batch holds its payload too. */
  const itemsOf = new WeakMap<BatchHeader, Item>();
  const headerIn = (item: Item): BatchHeader => {
    const header = headerOf(item);
    itemsOf.set(header, item);
    return header;
  };

  /** The rows of index entries, in their order; those that are gone are left out. */
  async function rowsOf(entries: readonly Due[]): Promise<Item[]> {
    const items = await table.getAll(entries.map(({ owner, batch_id }) => ({ owner, batch_id })));
    return items.sort((a, b) => compareDue(a as Due, b as Due));
  }

  return {
    async put(header, payload) {
      for (const item of batchToItems(header, payload)) await table.put(item);
    },

    async headers(owner) {
      const items = await table.queryAll({
        where: {
          text: '#owner = :owner AND begins_with(#id, :header)',
          names: { '#owner': 'owner', '#id': 'batch_id' },
          values: { ':owner': ownerKey(owner), ':header': INBOX.header },
        },
        strong: true,
        // A query is no snapshot: forwards it could pass the place of a batch before it is put, and yet see the next one.
        backwards: true,
      });
      return items.reverse().map(headerIn);
    },

    async header(owner, batchId) {
      const item = await table.get({ owner: ownerKey(owner), batch_id: INBOX.header + batchId });
      return item && headerIn(item);
    },

    async payloads(headers) {
      const missing = headers.flatMap((header) => {
        const item = itemsOf.get(header);
        if (item && holdsPayload(item)) return [];
        // A header that was not read here says nothing of where its payload is.
        const sorts = [INBOX.payload + header.batchId, ...(item ? [] : [INBOX.header + header.batchId])];
        return sorts.map((sort) => ({ owner: ownerKey(header.owner), batch_id: sort }));
      });
      const read = new Map((await table.getAll(missing)).map((item) => [`${String(item['owner'])} ${String(item['batch_id'])}`, item]));
      return new Map(headers.flatMap((header) => {
        const place = (prefix: string) => read.get(`${ownerKey(header.owner)} ${prefix}${header.batchId}`);
        const item = [itemsOf.get(header), place(INBOX.header), place(INBOX.payload)].find((one) => one && holdsPayload(one));
        return item ? [[header.batchId, payloadOf(item, header)] as const] : [];
      }));
    },

    async change(read, change) {
      const key = ownerKey(read.owner);
      const after = await table.update({ owner: key, batch_id: INBOX.header + read.batchId }, changeOf(read, key, change), {
        text: '#state = :readState AND #attempts = :readAttempts AND #trying = :readTrying',
        names: { '#state': 'state', '#attempts': 'attempts', '#trying': 'trying' },
        values: { ':readState': read.state, ':readAttempts': read.attempts, ':readTrying': read.trying },
      });
      return after !== undefined;
    },

    async remove(header) {
      const owner = ownerKey(header.owner);
      const item = itemsOf.get(header);
      if (!item || !holdsPayload(item)) await table.delete({ owner, batch_id: INBOX.payload + header.batchId });
      await table.delete({ owner, batch_id: INBOX.header + header.batchId });
    },

    async park(note) {
      await table.put(noteToItem(note), NOT_PARKED_YET);
    },

    async hold(note) {
      await table.put(noteToItem(note));
    },

    async unpark(scope, id, holder) {
      const held: Expression = { text: '#holder = :holder', names: { '#holder': 'holder' }, values: { ':holder': holder } };
      await table.delete({ owner: notesOf(scope), batch_id: INBOX.note + id }, held);
    },

    async repark(read, { sends, dueAt }) {
      const after = await table.update(
        { owner: notesOf(read.note.scope), batch_id: INBOX.note + read.id },
        {
          text: 'SET #sends = :sends, #at = :at',
          names: { '#sends': 'sends', '#at': 'due_at' },
          values: { ':sends': sends, ':at': dueAt },
        },
        { text: '#sends = :read', names: {}, values: { ':read': read.sends } },
      );
      return after !== undefined;
    },

    async due(until, limit) {
      const rows: (BatchHeader | ParkedNote)[] = [];
      let unreadable = 0;
      for (let after: Due | undefined; rows.length < limit; ) {
        const { entries, more } = await readDue(table, 'pending', after, until, limit - rows.length);
        const items = await rowsOf(entries);
        const still = items.filter((item) => item['state'] !== 'dead' && Number(item['due_at']) <= until);
        const read = readable(still, (item) => (isNote(item) ? noteOf(item) : headerIn(item)));
        rows.push(...read);
        unreadable += still.length - read.length;
        if (!more) break;
        after = entries.at(-1);
      }
      return { rows, unreadable };
    },

    async list(state, after, limit) {
      const place = readPlace(after, ['number', 'string', 'string']);
      if ((!place && after !== '') || limit < 1) return { rows: [] };
      const from = place && { due_at: place[0], owner: place[1], batch_id: place[2] };
      const { entries, more } = await readDue(table, state, from, Number.MAX_SAFE_INTEGER, limit);
      const last = entries.at(-1);
      const rows = readable(await rowsOf(entries.filter((entry) => !isNote(entry))), headerIn).filter((row) => row.state === state);
      return more && last ? { rows, next: writePlace([last.due_at, last.owner, last.batch_id]) } : { rows };
    },
  };
}

/** What can be read of them; one that can't must not hide the others. */
function readable<T>(items: readonly Item[], read: (item: Item) => T): T[] {
  return items.flatMap((item) => {
    try {
      return [read(item)];
    } catch {
      return [];
    }
  });
}

function isNote(item: Item): boolean {
  return String(item['batch_id']).startsWith(INBOX.note);
}

const ATTRIBUTES = {
  state: 'state',
  attempts: 'attempts',
  trying: 'trying',
  lastError: 'last_error',
  changedAt: 'changed_at',
  sends: 'sends',
  dueAt: 'due_at',
  redriven: 'redriven',
  discard: 'discard',
} as const satisfies Record<keyof HeaderChange, string>;

/** The change as an update; the index follows the state. */
function changeOf(read: BatchHeader, owner: string, change: HeaderChange): Expression {
  const changed = (Object.keys(ATTRIBUTES) as (keyof HeaderChange)[]).filter((name) => change[name] !== undefined);
  const set: Item = Object.fromEntries(changed.filter((name) => change[name] !== null).map((name) => [ATTRIBUTES[name], change[name]]));
  if (change.state) set['due'] = dueKey(change.state, owner, read.batchId);
  const setting = Object.keys(set).map((name) => `#${name} = :${name}`);
  const removing = changed.filter((name) => change[name] === null).map((name) => `#${ATTRIBUTES[name]}`);
  return {
    text: [
      setting.length > 0 ? `SET ${setting.join(', ')}` : '',
      removing.length > 0 ? `REMOVE ${removing.join(', ')}` : '',
    ].join(' '),
    names: Object.fromEntries([...Object.keys(set), ...removing.map((name) => name.slice(1))].map((name) => [`#${name}`, name] as const)),
    values: Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
  };
}
