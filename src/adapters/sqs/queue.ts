import {
  ChangeMessageVisibilityCommand, SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient,
} from '@aws-sdk/client-sqs';
import { Trouble } from '../../service/errors.ts';
import type { Ids } from '../../service/ports/ids.ts';
import type { Message, Queue } from '../../service/ports/queue.ts';
import { errorCode, isOurFault } from '../trouble.ts';
import { writeBody } from './message-body.ts';

const BATCH_ENTRIES = 10;
/** SQS takes 1 MiB per request, all bodies together. */
const BATCH_BYTES = 1024 * 1024;
/** Longest visibility, seconds. */
const MOST_SECONDS = 12 * 3600;
const TRIES = 2;

/** What says that the message is visible already. */
const NOT_IN_FLIGHT = new Set(['MessageNotInflight', 'ReceiptHandleIsInvalid', 'InvalidParameterValue', 'InvalidParameterValueException']);

/** The work queue, SQS FIFO: groups are hashes of scopes, as group ids are short and plain. */
export function createQueue(config: { client: SQSClient; queueUrl: string; ids: Pick<Ids, 'hash'> }): Queue {
  const { client, queueUrl, ids } = config;

  async function sendBatch(entries: SendMessageBatchRequestEntry[]): Promise<void> {
    let left = entries;
    let code = '';
    for (let i = 0; i < TRIES && left.length > 0; i++) {
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: left }));
      const failed = new Map(Failed.map((failure) => [failure.Id, failure.Code ?? 'unknown']));
      left = left.filter((entry) => failed.has(entry.Id));
      code = failed.get(left[0]?.Id) ?? '';
    }
    if (left.length === 0) return;
    const message = `SQS SendMessageBatch: ${left.length} refused, ${code}`;
    throw isOurFault(code) ? new Error(message) : new Trouble(message, undefined);
  }

  return {
    async send(messages) {
      const entries = messages.map(({ id, message }, i) => ({
        Id: String(i),
        MessageBody: writeBody(message),
        MessageGroupId: ids.hash(groupOf(message)),
        MessageDeduplicationId: ids.hash(id),
      }));
      // One after the other: a group's messages stay in order.
      for (const batch of batchesOf(entries)) await sendBatch(batch);
    },

    async delay(receipt, seconds) {
      const VisibilityTimeout = Math.min(MOST_SECONDS, Math.max(0, Math.ceil(seconds)));
      try {
        await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: receipt, VisibilityTimeout }));
      } catch (error) {
        if (!NOT_IN_FLIGHT.has(errorCode(error))) throw error;
      }
    },
  };
}

function groupOf(message: Message): string {
  return message.kind === 'note' ? message.note.scope : message.scope;
}

function batchesOf<Entry extends { MessageBody: string }>(entries: readonly Entry[]): Entry[][] {
  const batches: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const last = batches.at(-1);
    bytes += entry.MessageBody.length;
    if (last && last.length < BATCH_ENTRIES && bytes <= BATCH_BYTES) last.push(entry);
    else {
      batches.push([entry]);
      bytes = entry.MessageBody.length;
    }
  }
  return batches;
}
