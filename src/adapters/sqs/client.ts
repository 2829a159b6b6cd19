import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { OUTERMOST, shortTries, throwsTrouble } from '../aws-client.ts';

/**
 * A client whose errors are `Trouble` where a later try may cure them. Region, credentials and endpoint come from
 * `config` or, as for any SDK client, from the surroundings.
 */
export function createSqsClient(config: SQSClientConfig = {}): SQSClient {
  const client = new SQSClient({ ...shortTries(64), ...config });
  client.middlewareStack.add(throwsTrouble('SQS'), OUTERMOST);
  return client;
}
