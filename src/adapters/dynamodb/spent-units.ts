import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Told of the request units that a call took: what DynamoDB is paid by. */
export type Spent = (kind: 'read' | 'write', units: number) => void;

const READS = /^(Get|BatchGet|Query|Scan)/;

/** Asks with every call what it took. That costs nothing, and no call of its own. */
export function reportUnits(client: Pick<DynamoDBClient, 'middlewareStack'>, spent: Spent): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const units = unitsIn(result.output);
      if (units > 0) spent(READS.test(context.commandName ?? '') ? 'read' : 'write', units);
      return result;
    },
    { step: 'initialize', priority: 'low', name: 'spentUnits' },
  );
}

/** One table's, or several tables' in a batch. */
function unitsIn(output: object): number {
  const { ConsumedCapacity: consumed = [] } = output as { ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[] };
  return [consumed].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}
