import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { UsageStore } from '../../service/ports/usage-store.ts';
import { ttlSeconds } from './commit-codec.ts';
import { DynamoTable, type Expression, type Item } from './table.ts';

/** Names of counts begin with this: nothing else of an item is one. */
const COUNT = 'c_';

/** Two years: to compare a season with the last. */
const KEPT_MS = 2 * 366 * 24 * 3600_000;

/** Counts of a day, one item for each part of a stream that added to it (design 3, `usage`). */
export function createUsageStore(client: DynamoDBDocumentClient, name: string): UsageStore {
  const table = new DynamoTable(client, name, async () => {});
  return {
    async reached(day, part) {
      const item = await table.get({ day, part });
      return item && String(item['reached']);
    },

    async add(day, part, { reached, order, counts }) {
      const named = Object.entries(counts).map(([name, value]) => [`${COUNT}${name}`, value] as const);
      const change: Expression = {
        text: `SET #reached = :order, #expires = :expires ADD ${named.map(([name]) => `#${name} :${name}`).join(', ')}`,
        names: { '#reached': 'reached', '#expires': 'expires_at', ...Object.fromEntries(named.map(([name]) => [`#${name}`, name])) },
        values: {
          ':order': order,
          ':expires': ttlSeconds(Date.parse(day) + KEPT_MS),
          ...Object.fromEntries(named.map(([name, value]) => [`:${name}`, value])),
        },
      };
      return (await table.update({ day, part }, change, asRead(reached))) !== undefined;
    },

    async day(day) {
      const items = await table.queryAll({ where: { text: '#day = :day', names: { '#day': 'day' }, values: { ':day': day } } });
      const total: Record<string, number> = {};
      for (const item of items) for (const [name, value] of countsIn(item)) total[name] = (total[name] ?? 0) + value;
      return total;
    },
  };
}

function asRead(reached: string | undefined): Expression {
  if (reached === undefined) return { text: 'attribute_not_exists(#reached)', names: {} };
  return { text: '#reached = :read', names: {}, values: { ':read': reached } };
}

function countsIn(item: Item): [name: string, value: number][] {
  return Object.entries(item).flatMap(([name, value]) => (name.startsWith(COUNT) ? [[name.slice(COUNT.length), Number(value)]] : []));
}
