import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unitsOf } from '../../bench/meter/capacity.ts';

/** Request units and calls. */
export type Units = { read: number; write: number; calls: number };

/** Counts the request units of all that a client does, as AWS would: they are what the system costs. */
export function meter(client: DynamoDBDocumentClient): { take(): Units } {
  let units: Units = { read: 0, write: 0, calls: 0 };
  const note = (operation: string, asked: object, answered: object) => {
    const { read, write } = unitsOf(operation, { ...asked }, { ...answered });
    units = { read: units.read + read, write: units.write + write, calls: units.calls + 1 };
  };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = context.commandName ?? '';
      try {
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
        note(operation, args.input, result.output);
        return result;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) note(operation, args.input, { __type: error.name });
        throw error;
      }
    },
    { step: 'initialize', name: 'meter', override: true },
  );
  return {
    take() {
      const taken = units;
      units = { read: 0, write: 0, calls: 0 };
      return taken;
    },
  };
}
