import type { Connection, Connections } from '../../service/ports/connections.ts';

/** Who is connected, in memory. */
export function createMemoryConnections(): Connections {
  const all = new Map<string, Connection>();
  const those = (fits: (connection: Connection) => boolean) => [...all.values()].filter(fits);
  const minuteOf = (ms: number) => Math.floor(ms / 60_000);
  return {
    async add(connection) {
      all.set(connection.id, { ...connection, scopes: [...connection.scopes] });
    },
    get: async (id) => all.get(id),
    async remove({ id }) {
      all.delete(id);
    },
    listeners: async (scope) => those(({ scopes }) => scopes.includes(scope)).map(({ id, endsAt }) => ({ id, endsAt })),
    async ofUser(user) {
      return those((connection) => connection.user === user)
        .map(({ id, connectedAt }) => ({ id, connectedAt }))
        .sort((a, b) => a.connectedAt - b.connectedAt);
    },
    endingWithin: async (minute) => those(({ endsAt }) => minuteOf(endsAt) === minuteOf(minute)).map(({ id, endsAt }) => ({ id, endsAt })),
  };
}
