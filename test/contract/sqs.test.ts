import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe } from 'vitest';
import { queueUrl, startLocalQueues, type LocalQueues } from '../../local/queue/local-queues.ts';
import { createSqsClient } from '../../src/adapters/sqs/client.ts';
import { readBody } from '../../src/adapters/sqs/message-body.ts';
import { createQueue } from '../../src/adapters/sqs/queue.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import { queueContract } from './queue.ts';

const REGION = 'eu-central-1';

describe('on SQS', () => {
  let local: LocalQueues;
  let client: SQSClient;
  let made = 0;

  beforeAll(async () => {
    local = await startLocalQueues(REGION);
    client = createSqsClient({
      endpoint: local.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  });
  afterAll(async () => {
    client.destroy();
    await local.stop();
  });

  queueContract(async () => {
    const name = `work-${++made}.fifo`;
    const Attributes = { FifoQueue: 'true', VisibilityTimeout: '60', DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
    const QueueUrl = queueUrl(local.endpoint, '000000000000', name);
    return {
      queue: createQueue({ client, queueUrl: QueueUrl, ids: systemIds }),
      async receive() {
        const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }));
        return Messages.map(({ ReceiptHandle = '', Body = '' }) => ({ receipt: ReceiptHandle, message: readBody(Body) }));
      },
      async delete(receipt) {
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
      },
    };
  });
});
