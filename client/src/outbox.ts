import { typeNamed, type PhoneDomain } from './domain.ts';
import { enqueue, type Mark } from './enqueue.ts';
import { asJson, keys, type RejectedAction } from './keys.ts';
import { outboxRows } from './rows.ts';
import type { StoreTx } from './store.ts';
import type { JsonObject } from './wire.ts';

/** Lets an action that the server keeps as dead be sent again, as it is. */
export async function retryFailed(tx: StoreTx, clientId: string): Promise<void> {
  const row = (await outboxRows(tx)).find(({ action, state }) => action.client_id === clientId && state === 'failed');
  if (row) await tx.put(keys.outbox(row.seq), asJson({ ...row, state: 'sent' }));
}

/** Does a rejected action again, with data that is right this time, and takes it off the list: both or neither. */
export async function correct(tx: StoreTx, domain: PhoneDomain, clientId: string, data: JsonObject, mark: Mark): Promise<void> {
  const key = keys.rejected(clientId);
  const rejected = (await tx.get(key)) as RejectedAction | undefined;
  if (!rejected) throw new Error(`There is no rejected action "${clientId}" on this device.`);
  const { action, op, entityId } = rejected;
  const { home, conflict_strategy: strategy } = action;
  const single = typeNamed(domain, action.entity_type).singletonId !== undefined;
  await enqueue(
    tx,
    domain,
    {
      op: op === 'upsert' ? 'update' : op,
      type: action.entity_type,
      entityId: single ? undefined : entityId,
      data,
      options: {
        action: action.action_type,
        ...(strategy === undefined ? {} : { strategy }),
        ...(home === undefined ? {} : { home }),
      },
    },
    mark,
  );
  await tx.delete(key);
}
