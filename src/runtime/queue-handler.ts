import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readBody } from '../adapters/sqs/message-body.ts';
import type { Deps } from '../service/deps.ts';
import { faultFields } from '../service/fault-fields.ts';
import type { ReceivedMessage } from '../service/worker.ts';
import type { Runtime } from './compose.ts';

/** What the functions behind a queue read of an invocation's context. */
export type QueueInvocation = { awsRequestId: string; getRemainingTimeInMillis: () => number };

type Consume = (deps: Deps, messages: ReceivedMessage[], remainingMs: () => number) => Promise<{ failed: string[] }>;

type QueueHandler = (event: Pick<SQSEvent, 'Records'>, invocation: QueueInvocation) => Promise<SQSBatchResponse>;

/** A function that a queue feeds. It never throws: what was not done comes again, message by message. */
export function queueHandler(runtime: Runtime, consume: Consume): QueueHandler {
  const { report } = runtime;
  return async ({ Records }, invocation) => {
    report.begin(invocation.awsRequestId);
    const failed = new Set<string>();
    const messages: ReceivedMessage[] = [];
    for (const record of Records) {
      try {
        messages.push(received(record));
      } catch (error) {
        // Kept for the dead letters: it may be a note, which stands nowhere else.
        failed.add(record.messageId);
        report.alarm('message_unreadable', faultFields(error));
      }
    }
    try {
      const result = await consume(runtime.deps(), messages, () => invocation.getRemainingTimeInMillis());
      for (const id of result.failed) failed.add(id);
    } catch (error) {
      for (const { messageId } of Records) failed.add(messageId);
      report.alarm('consumer_failed', faultFields(error));
    }
    report.info('messages', { messages: Records.length, failed: failed.size });
    report.end();
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

function received({ messageId, receiptHandle, body, attributes }: SQSRecord): ReceivedMessage {
  return { id: messageId, receipt: receiptHandle, receiveCount: Number(attributes.ApproximateReceiveCount), body: readBody(body) };
}
