import { actionKey } from '../../engine/keys.ts';
import type { DoneAction } from '../../engine/model.ts';
import type { ActionLog } from '../../service/ports/action-log.ts';
import { fromAttributes, toAttributes } from './attributes.ts';
import { justAfter } from './keys.ts';
import type { DynamoTable, Expression, Item } from './table.ts';

const NOT_DONE_YET: Expression = { text: 'attribute_not_exists(#user)', names: { '#user': 'user' } };

const NAMES = { device: 'device_id', time: 'action_time', order: 'upload_order' } as const;

/** Final outcomes by user and client_id (design 3, `offline_actions_log`). */
export function createActionLog(table: DynamoTable): ActionLog {
  return {
    async get(keys, { likely } = { likely: false }) {
      const wanted = keys.map(({ user, clientId }) => ({ user, client_id: clientId }));
      const weak = likely ? await table.getAll(wanted, { strong: false }) : [];
      const found = new Map(weak.map(actionOf).map((row) => [actionKey(row.user, row.clientId), row]));
      // Only a strong read can say that one is not there.
      const strong = await table.getAll(wanted.filter((key) => !found.has(actionKey(key.user, key.client_id))));
      for (const row of strong.map(actionOf)) found.set(actionKey(row.user, row.clientId), row);
      return found;
    },

    async put(row) {
      await table.put(actionToItem(row), NOT_DONE_YET);
    },

    async list(user, after, limit) {
      if (limit < 1) return { rows: [] };
      const { items, next } = await table.query({
        where: {
          text: '#user = :user AND #id >= :first',
          names: { '#user': 'user', '#id': 'client_id' },
          values: { ':user': user, ':first': justAfter(after) },
        },
        limit,
      });
      const rows = items.map(actionOf);
      return next ? { rows, next: String(next['client_id']) } : { rows };
    },
  };
}

function actionToItem(row: DoneAction): Item {
  const { errors, ...rest } = row;
  return toAttributes({ ...rest, errors: errors && JSON.stringify(errors) }, NAMES);
}

function actionOf(item: Item): DoneAction {
  const { errors, ...rest } = fromAttributes(item, NAMES);
  return { ...rest, ...(typeof errors === 'string' ? { errors: JSON.parse(errors) as unknown } : {}) } as DoneAction;
}
