import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../service/ports/clock.ts';
import type { Connection, Connections } from '../../service/ports/connections.ts';
import type { Ids } from '../../service/ports/ids.ts';
import { DynamoTable, type Item } from './table.ts';
import { writeAll } from './write-all.ts';

/**
 * Rows outlive the connection by this, seconds: whoever ends connections must find those whose time is over, and a TTL
 * may be as quick as it likes.
 */
const KEPT_SECONDS = 15 * 60;
const MINUTE_MS = 60_000;

/**
 * Who is connected, in one table of small rows: one per scope for those who poke, and one by id, by user and by the
 * minute of the end. `~` keeps the latter apart from scopes.
 */
export function createConnections(config: {
  client: DynamoDBDocumentClient; table: string; clock: Clock; ids: Pick<Ids, 'random'>;
}): Connections {
  const { client, clock, ids } = config;
  const pause = (attempt: number) => clock.sleep(25 * 2 ** attempt * (0.5 + ids.random()));
  const table = new DynamoTable(client, config.table, pause);

  async function at(place: string, strong: boolean): Promise<Item[]> {
    const where = { text: '#place = :place', names: { '#place': 'place' }, values: { ':place': place } };
    return table.queryAll({ where, strong });
  }

  return {
    async add(connection) {
      const { id, user, scopes, connectedAt } = connection;
      const row = (place: string, more: Item = {}) => ({ place, connection_id: id, expires_at: expiresAt(connection), ...more });
      const rows = [
        row(byId(id), { user, scopes: [...scopes], connected_at: connectedAt }),
        row(byUser(user), { connected_at: connectedAt }),
        row(byMinute(connection.endsAt)),
        ...scopes.map((scope) => row(scope)),
      ];
      await writeAll(table, rows, [], pause);
    },

    async get(id) {
      const item = await table.get({ place: byId(id), connection_id: id });
      return item && connectionOf(item);
    },

    async remove(connection) {
      // The row by minute stays until its TTL: a deletion costs as much as it saves.
      const places = [byUser(connection.user), ...connection.scopes, byId(connection.id)];
      await writeAll(table, [], places.map((place) => ({ place, connection_id: connection.id })), pause);
    },

    listeners: async (scope) => (await at(scope, true)).map(idAndEnd),

    async ofUser(user) {
      const rows = await at(byUser(user), true);
      return rows.map((row) => ({ id: String(row['connection_id']), connectedAt: Number(row['connected_at']) }))
        .sort((a, b) => a.connectedAt - b.connectedAt);
    },

    endingWithin: async (minute) => (await at(byMinute(minute), false)).map(idAndEnd),
  };
}

const byId = (id: string) => `~connection#${id}`;
const byUser = (user: string) => `~user#${user}`;
const byMinute = (ms: number) => `~ends#${Math.floor(ms / MINUTE_MS)}`;

function expiresAt({ endsAt }: Connection): number {
  return Math.floor(endsAt / 1000) + KEPT_SECONDS;
}

function idAndEnd(row: Item): Pick<Connection, 'id' | 'endsAt'> {
  return { id: String(row['connection_id']), endsAt: (Number(row['expires_at']) - KEPT_SECONDS) * 1000 };
}

function connectionOf(item: Item): Connection {
  return { ...idAndEnd(item), user: String(item['user']), scopes: item['scopes'] as string[], connectedAt: Number(item['connected_at']) };
}
