import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import type { QueueResource } from '../template/resources.ts';

export interface LocalQueues {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** SQS in this process, on a free loopback port, all in memory: what must survive stands in the inbox. */
export async function startLocalQueues(region: string): Promise<LocalQueues> {
  const app = buildApp({ logger: false, defaultRegion: region });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return { endpoint, stop: () => app.close() };
}

/** The URL that works: the one fauxqs answers with has a host that does not resolve. */
export function queueUrl(endpoint: string, accountId: string, name: string): string {
  return `${endpoint}/${accountId}/${name}`;
}

/** Creates the template's queues, dead letter queues first. What is given replaces the template's (for tests). */
export async function createQueues(
  client: SQSClient, queues: readonly QueueResource[], { visibilitySeconds, maxReceives }: { visibilitySeconds?: number; maxReceives?: number } = {},
): Promise<void> {
  const targetsFirst = [...queues].sort((a, b) => Number(a.RedrivePolicy !== undefined) - Number(b.RedrivePolicy !== undefined));
  for (const queue of targetsFirst) {
    const attributes: Record<string, string | undefined> = {
      FifoQueue: queue.FifoQueue === true ? 'true' : undefined,
      VisibilityTimeout: (visibilitySeconds ?? queue.VisibilityTimeout)?.toString(),
      MessageRetentionPeriod: queue.MessageRetentionPeriod?.toString(),
      DeduplicationScope: queue.DeduplicationScope,
      FifoThroughputLimit: queue.FifoThroughputLimit,
      RedrivePolicy: queue.RedrivePolicy === undefined ? undefined
        : JSON.stringify({ ...queue.RedrivePolicy, ...(maxReceives !== undefined && { maxReceiveCount: maxReceives }) }),
    };
    const given = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined);
    await client.send(new CreateQueueCommand({ QueueName: queue.QueueName, Attributes: Object.fromEntries(given) }));
  }
}
