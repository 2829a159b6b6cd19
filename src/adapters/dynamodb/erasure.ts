import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { pointerKey } from '../../engine/keys.ts';
import type { Erasure } from '../../service/ports/erasure.ts';
import { commitToItem } from './commit-codec.ts';
import { conflictOf } from './conflict-codec.ts';
import { rowToItem } from './entity-codec.ts';
import { LAST_ID, ownerPlace, PLACES, pointerSort, sinceOf } from './keys.ts';
import type { TableNames } from './stores.ts';
import { DynamoTable, type Item } from './table.ts';

/** Erases from the tables themselves. No function may do that: it is for the command of whoever runs the service. */
export function createErasure(client: DynamoDBDocumentClient, tables: TableNames): Erasure {
  const table = (name: keyof TableNames) => new DynamoTable(client, tables[name], async () => {});
  const [log, entities, actions, conflicts, devices] = [
    table('scopeLog'), table('entities'), table('offlineActionsLog'), table('syncConflicts'), table('clientSyncState'),
  ];
  return {
    async rewrite(commit) {
      // A commit that expired meanwhile must not come back.
      await log.put(commitToItem(commit), { text: '#at = :at', names: { '#at': 'at' }, values: { ':at': commit.at } });
    },

    async replace(row) {
      await entities.put(rowToItem(row), { text: '#n = :n', names: { '#n': 'n' }, values: { ':n': row.n } });
    },

    async removeOutcome(user, clientId) {
      await actions.delete({ user, client_id: clientId });
    },

    async removeConflict(conflict) {
      await conflicts.delete({ user: conflict.user, conflict_id: pointerSort(pointerKey(conflict)) });
      await conflicts.delete({ user: conflict.user, conflict_id: conflict.id });
      await conflicts.delete(ownerPlace(conflict.id));
    },

    async *conflictsAbout(home) {
      let from: Item | undefined;
      do {
        const { items, next } = await conflicts.scan(
          { text: '#home = :home AND #id < :last', names: { '#home': 'home', '#id': 'conflict_id' }, values: { ':home': home, ':last': LAST_ID } },
          { from },
        );
        for (const item of items) yield conflictOf(item);
        from = next;
      } while (from);
    },

    async removeDevice(user, device) {
      await devices.delete({ user, device_id: PLACES });
      await devices.delete({ user, device_id: sinceOf(device) });
      await devices.delete({ user, device_id: device });
    },
  };
}
