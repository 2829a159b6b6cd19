import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { troubleOf } from '../trouble.ts';

/**
 * A client whose errors are `Trouble` where a later try may cure them. Region, credentials and endpoint come from
 * `config` or, as for any SDK client, from the surroundings.
 */
export function createSqsClient(config: SQSClientConfig = {}): SQSClient {
  const agent = { keepAlive: true, maxSockets: 64 };
  const client = new SQSClient({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout: 5000,
      throwOnRequestTimeout: true,
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
        throw troubleOf(`SQS ${context.commandName ?? ''}`, error);
      }
    },
    { step: 'initialize', priority: 'high', name: 'trouble' },
  );
  return client;
}
