import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Request units by operation and table, e.g. `PutItem entities`. */
export type Units = { read: number; write: number; by: Map<string, { calls: number; units: number }> };

type Capacity = { TableName?: string; CapacityUnits?: number };

/** Counts the request units of all that a client does, as DynamoDB reports them: they are what the system costs. */
export function meter(client: DynamoDBDocumentClient): { take(): Units } {
  let units: Units = { read: 0, write: 0, by: new Map() };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: Capacity | Capacity[] };
      const operation = (context.commandName ?? '').replace('Command', '');
      for (const { TableName = '', CapacityUnits = 0 } of [ConsumedCapacity ?? []].flat()) {
        if (/^(Get|BatchGet|Query|Scan)/.test(operation)) units.read += CapacityUnits;
        else units.write += CapacityUnits;
        const name = `${operation} ${TableName.replace(/^.*-/, '')}`;
        const { calls, units: sum } = units.by.get(name) ?? { calls: 0, units: 0 };
        units.by.set(name, { calls: calls + 1, units: sum + CapacityUnits });
      }
      return result;
    },
    { step: 'initialize', name: 'meter', override: true },
  );
  return {
    take() {
      const taken = units;
      units = { read: 0, write: 0, by: new Map() };
      return taken;
    },
  };
}
