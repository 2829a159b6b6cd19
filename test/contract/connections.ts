import { describe, expect, it } from 'vitest';
import type { Connection, Connections } from '../../src/service/ports/connections.ts';
import { T0 } from '../support/builders.ts';

const END = Math.ceil(T0 / 60_000) * 60_000 + 3600_000;

function connection(overrides: Partial<Connection> = {}): Connection {
  return { id: 'L0SM9cOFvHcCIhw=', user: 'alice', scopes: ['user:alice', 'department:roads'], connectedAt: T0, endsAt: END, ...overrides };
}

/** What any list of connections must do. */
export function connectionsContract(create: () => Promise<Connections>): void {
  describe('connections', () => {
    it('gives back a connection as it was added, and finds it by every scope, its user and its end', async () => {
      const list = await create();
      const added = connection({ user: 'Zoë|auth0', scopes: ['user:Zoë|auth0', 'department:roads', '*'] });
      await list.add(added);
      expect(await list.get(added.id)).toStrictEqual(added);
      for (const scope of added.scopes) expect(await list.listeners(scope)).toStrictEqual([{ id: added.id, endsAt: END }]);
      expect(await list.ofUser(added.user)).toStrictEqual([{ id: added.id, connectedAt: T0 }]);
      expect(await list.endingWithin(END + 59_999)).toStrictEqual([{ id: added.id, endsAt: END }]);
    });

    it('finds nobody who is not there', async () => {
      const list = await create();
      await list.add(connection());
      expect(await list.get('another')).toBeUndefined();
      expect(await list.listeners('user:bob')).toEqual([]);
      expect(await list.listeners('user:alic')).toEqual([]);
      expect(await list.ofUser('bob')).toEqual([]);
      for (const minute of [END - 1, END + 60_000]) expect(await list.endingWithin(minute)).toEqual([]);
    });

    it('forgets a connection whole, and no other; twice is no error', async () => {
      const list = await create();
      const [first, second] = [connection(), connection({ id: 'second' })];
      await list.add(first);
      await list.add(second);
      await list.remove(first);
      await list.remove(first);
      expect(await list.get(first.id)).toBeUndefined();
      for (const scope of first.scopes) expect(await list.listeners(scope)).toEqual([{ id: 'second', endsAt: END }]);
      expect((await list.ofUser('alice')).map(({ id }) => id)).toEqual(['second']);
      // By its end it may still be found: whoever does looks for it by its id.
      expect((await list.endingWithin(END)).map(({ id }) => id)).toContain('second');
    });

    it('tells a user’s connections oldest first', async () => {
      const list = await create();
      for (const [i, id] of ['b', 'c', 'a'].entries()) await list.add(connection({ id, connectedAt: T0 + i }));
      expect((await list.ofUser('alice')).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
    });

    it('finds all of many listeners, and keeps all of many scopes', async () => {
      const list = await create();
      const ids = Array.from({ length: 150 }, (_, i) => `connection-${i}`);
      await Promise.all(ids.map((id) => list.add(connection({ id, scopes: ['department:roads'] }))));
      expect((await list.listeners('department:roads')).map(({ id }) => id).sort()).toEqual([...ids].sort());
      const scopes = Array.from({ length: 60 }, (_, i) => `department:d-${i}`);
      await list.add(connection({ id: 'many', scopes }));
      expect((await list.get('many'))?.scopes).toEqual(scopes);
      for (const scope of scopes) expect(await list.listeners(scope)).toEqual([{ id: 'many', endsAt: END }]);
      await list.remove(connection({ id: 'many', scopes }));
      for (const scope of scopes) expect(await list.listeners(scope)).toEqual([]);
    });
  });
}
