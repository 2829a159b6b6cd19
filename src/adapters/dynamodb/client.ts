import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { troubleOf } from '../trouble.ts';
import { reportUnits, type Spent } from './spent-units.ts';

/**
 * A client whose errors are `Trouble` where a later try may cure them. Three short tries: who waits for us has retries
 * of its own. Region, credentials and endpoint come from `config` or, as for any SDK client, from the surroundings.
 * `spent` is told what each call took.
 */
export function createDynamoClient(config: DynamoDBClientConfig = {}, spent?: Spent): DynamoDBDocumentClient {
  const agent = { keepAlive: true, maxSockets: 128 };
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout: 5000,
      throwOnRequestTimeout: true,
      // Also ends an answer that stops halfway.
      socketTimeout: 5000,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...config,
  });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw troubleOf(`DynamoDB ${context.commandName ?? ''}`, error);
      }
    },
    { step: 'initialize', priority: 'high', name: 'trouble' },
  );
  if (spent) reportUnits(client, spent);
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
