import { recordKey } from '../../engine/keys.ts';
import { expiresAt } from '../../engine/views.ts';
import type { Clock } from '../../service/ports/clock.ts';
import type { EntityStore } from '../../service/ports/entity-store.ts';
import { ttlSeconds } from './commit-codec.ts';
import { rowOf, rowToItem } from './entity-codec.ts';
import { aliasesOf, justAfter, rangeOfId, rangeOfType, SERVER_IDS } from './keys.ts';
import type { DynamoTable, Expression } from './table.ts';

/** Current records, aliases and the counter of server ids (design 3, `entities`). */
export function createEntityStore(table: DynamoTable, clock: Clock): EntityStore {
  return {
    async get(keys) {
      const rows = (await table.getAll(keys.map(({ scope, key }) => ({ scope, key })))).map(rowOf);
      return new Map(rows.map((row) => [`${row.scope}\n${recordKey(row.scope, row.home, row.type, row.entityId)}`, row]));
    },

    async put(row) {
      await table.put(rowToItem(row), noneOrOlderThan(row.n));
    },

    async putAlias({ scope, serverId, key, n, live }) {
      const expiry = live ? {} : { expires_at: ttlSeconds(expiresAt(clock.now())) };
      await table.put({ scope: aliasesOf(scope), key: String(serverId), target: key, n, ...expiry }, noneOrOlderThan(n));
    },

    async alias(scope, serverId) {
      const item = await table.get({ scope: aliasesOf(scope), key: String(serverId) });
      return item && String(item['target']);
    },

    async find(scope, type, entityId) {
      const own = recordKey(scope, scope, type, entityId);
      const [first, last] = rangeOfId(own);
      const items = await table.queryAll({ where: between(scope, first, last), strong: true });
      // A few characters of ids sort before `#`: the range may hold other ids that begin alike.
      return items.filter(({ key }) => key === own || String(key).startsWith(`${own}#`)).map(rowOf);
    },

    async page(scope, type, after, limit) {
      const [start, last] = rangeOfType(type);
      const first = after < start ? start : justAfter(after);
      if (first > last || limit < 1) return { rows: [] };
      const { items, next } = await table.query({ where: between(scope, first, last), strong: true, limit });
      const rows = items.map(rowOf);
      return next ? { rows, next: String(next['key']) } : { rows };
    },

    async takeServerIds(count) {
      const after = await table.update(SERVER_IDS, {
        text: 'ADD #last :count',
        names: { '#last': 'last' },
        values: { ':count': count },
      });
      return Number(after?.['last']) - count + 1;
    },
  };
}

function noneOrOlderThan(n: number): Expression {
  return { text: 'attribute_not_exists(#n) OR #n < :n', names: { '#n': 'n' }, values: { ':n': n } };
}

function between(scope: string, first: string, last: string): Expression {
  return {
    text: '#scope = :scope AND #key BETWEEN :first AND :last',
    names: { '#scope': 'scope', '#key': 'key' },
    values: { ':scope': scope, ':first': first, ':last': last },
  };
}
