import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OUTERMOST, shortTries, throwsTrouble } from '../aws-client.ts';
import { reportUnits, type Spent } from './spent-units.ts';

/**
 * A client whose errors are `Trouble` where a later try may cure them. Region, credentials and endpoint come from
 * `config` or, as for any SDK client, from the surroundings. `spent` is told what each call took.
 */
export function createDynamoClient(config: DynamoDBClientConfig = {}, spent?: Spent): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ ...shortTries(128), ...config });
  client.middlewareStack.add(throwsTrouble('DynamoDB'), OUTERMOST);
  if (spent) reportUnits(client, spent);
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
