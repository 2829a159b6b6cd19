import { LIMITS } from '../../protocol/limits.ts';
import type { AttachmentRow, AttachmentStore } from '../../service/ports/attachment-store.ts';
import { fromAttributes, toAttributes } from './attributes.ts';
import { ttlSeconds } from './commit-codec.ts';
import { announcedOn } from './keys.ts';
import type { DynamoTable, Expression, Item } from './table.ts';

const INDEX = 'by_due';
/** All rows that are due: photos are few beside actions, so that one part of the index serves them. */
const DUE = 'due';
/** What time drops, it drops a day late: a commit that names it may still write its link. */
const LATE_MS = 24 * 3600_000;
/** A count is of no use after its day. */
const COUNT_KEPT_MS = 2 * 24 * 3600_000;

const NAMES = { id: 'attachment_id', user: 'owner', expiresAt: 'unused_until' } as const;

/** Attachments, and who announced how much today (design 3, `attachments`). */
export function createAttachmentStore(table: DynamoTable): AttachmentStore {
  const keyOf = (id: string) => ({ attachment_id: id });
  const get = async (id: string) => {
    const item = await table.get(keyOf(id));
    return item && rowOf(item);
  };

  return {
    async get(ids) {
      const items = await table.getAll(ids.map(keyOf));
      return new Map(items.map((item) => [String(item['attachment_id']), rowOf(item)]));
    },

    async count(user, day, size) {
      const counted = await table.update(keyOf(announcedOn(user, day)), {
        text: 'SET #expires = :expires ADD #count :one, #bytes :size',
        names: { '#expires': 'expires_at', '#count': 'count', '#bytes': 'bytes' },
        values: { ':expires': ttlSeconds(Date.parse(day) + COUNT_KEPT_MS), ':one': 1, ':size': size },
      }, {
        text: 'attribute_not_exists(#count) OR (#count < :most AND #bytes <= :room)',
        names: {},
        values: { ':most': LIMITS.attachmentsPerDay, ':room': LIMITS.attachmentDayBytes - size },
      });
      return counted !== undefined;
    },

    announce: (row, now) =>
      table.put(itemOf(row), {
        text: 'attribute_not_exists(#id) OR #until <= :now',
        names: { '#id': 'attachment_id', '#until': 'unused_until' },
        values: { ':now': now },
      }),

    async expect(id, { expiresAt, dueAt }) {
      const renewed = await table.update(keyOf(id), expecting({ due_at: dueAt, unused_until: expiresAt }), all(AWAITED, UNUSED));
      if (!renewed) await table.update(keyOf(id), expecting({ due_at: dueAt }), all(AWAITED, UNRELEASED));
    },

    async settle(id, { state, expiresAt, dueAt }) {
      const unused = await table.update(keyOf(id), expecting({ state, due_at: dueAt, unused_until: expiresAt }), all(AWAITED, UNUSED));
      const after = unused ?? (await table.update(keyOf(id), expecting({ state, due_at: dueAt }), AWAITED));
      return after ? rowOf(after) : get(id);
    },

    async link({ id, key, n, at, live, state, row: { home, type, entityId } }, dueAt) {
      const set = { attached_to: key, holder: { home, type, entityId }, n, told: state, due_at: dueAt, due: DUE, looks: 0, ...(live ? {} : { released_at: at }) };
      const gone = ['unused_until', 'expires_at', ...(live ? ['released_at'] : [])];
      const after = await table.update(keyOf(id), changing(set, gone), {
        text: [
          'attribute_exists(#id)',
          '(attribute_not_exists(#unused_until) OR #unused_until > :at)',
          '(attribute_not_exists(#n) OR #n < :n)',
          '(attribute_not_exists(#attached_to) OR #attached_to = :attached_to)',
        ].join(' AND '),
        names: { '#id': 'attachment_id' },
        values: { ':at': at },
      });
      return after ? rowOf(after) : get(id);
    },

    async keep(id) {
      await table.update(keyOf(id), changing({ kept: true }), { text: 'attribute_exists(#id)', names: { '#id': 'attachment_id' } });
    },

    async giveUp(read) {
      const after = await table.update(keyOf(read.id), changing({ state: 'refused' }), {
        text: '#n = :n AND attribute_exists(#released)',
        names: { '#n': 'n', '#released': 'released_at' },
        values: { ':n': read.n },
      });
      return after !== undefined;
    },

    async postpone(read, dueAt, looks) {
      const change = dueAt === undefined ? changing({ looks }, ['due', 'due_at']) : changing({ looks, due: DUE, due_at: dueAt });
      await table.update(keyOf(read.id), change, {
        text: `#looks = :readLooks AND ${read.dueAt === undefined ? 'attribute_not_exists(#due_at)' : '#due_at = :readAt'}`,
        names: { '#due_at': 'due_at' },
        values: { ':readLooks': read.looks, ...(read.dueAt === undefined ? {} : { ':readAt': read.dueAt }) },
      });
    },

    async remove(id) {
      await table.delete(keyOf(id));
    },

    async due(until, limit) {
      const { items } = await table.query({
        index: INDEX,
        where: {
          text: '#due = :due AND #at <= :until',
          names: { '#due': 'due', '#at': 'due_at' },
          values: { ':due': DUE, ':until': until },
        },
        limit,
      });
      return items.map((item) => String(item['attachment_id']));
    },
  };
}

const AWAITED: Expression = { text: '#state = :awaited', names: { '#state': 'state' }, values: { ':awaited': 'awaited' } };
const UNRELEASED: Expression = { text: 'attribute_not_exists(#released)', names: { '#released': 'released_at' } };
const UNUSED: Expression = { text: 'attribute_exists(#until)', names: { '#until': 'unused_until' } };

function all(...conditions: readonly Expression[]): Expression {
  return {
    text: conditions.map(({ text }) => text).join(' AND '),
    names: Object.assign({}, ...conditions.map(({ names }) => names)) as Record<string, string>,
    values: Object.assign({}, ...conditions.map(({ values }) => values)) as Item,
  };
}

/** A change of what is looked for next; the time that drops it follows `unused_until`. */
function expecting(set: { state?: string; due_at: number; unused_until?: number }): Expression {
  const dropped = set.unused_until === undefined ? {} : { expires_at: ttlSeconds(set.unused_until + LATE_MS) };
  return changing({ ...set, ...dropped, due: DUE, looks: 0 });
}

function changing(set: Item, gone: readonly string[] = []): Expression {
  const names = [...Object.keys(set), ...gone];
  const setting = Object.keys(set).map((name) => `#${name} = :${name}`).join(', ');
  const removing = gone.map((name) => `#${name}`).join(', ');
  return {
    text: `SET ${setting}${removing === '' ? '' : ` REMOVE ${removing}`}`,
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
  };
}

function itemOf(row: AttachmentRow): Item {
  return {
    ...toAttributes(row, NAMES),
    ...(row.expiresAt === undefined ? {} : { expires_at: ttlSeconds(row.expiresAt + LATE_MS) }),
    ...(row.dueAt === undefined ? {} : { due: DUE }),
  };
}

function rowOf(item: Item): AttachmentRow {
  const { due: _due, expires_at: _expires, ...row } = item;
  return fromAttributes(row, NAMES) as unknown as AttachmentRow;
}
