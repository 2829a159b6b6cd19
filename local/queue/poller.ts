import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import type { LocalFunction, Outcome } from '../lambda/local-function.ts';
import type { MappingResource } from '../template/resources.ts';

/** One machine needs no more invocations at a time than this, whatever the template allows. */
const MOST_AT_ONCE = 10;
const LONG_POLL_SECONDS = 20;

/**
 * An event source mapping: receives from a queue, invokes, and deletes what the function is done with. One receiver is
 * enough, because it does not wait for what it received to be done.
 */
export class QueuePoller {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #mapping: MappingResource;
  readonly #fn: Pick<LocalFunction, 'invoke'>;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #receiver: Promise<void>;

  constructor(client: SQSClient, queueUrl: string, mapping: MappingResource, fn: Pick<LocalFunction, 'invoke'>) {
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.#mapping = mapping;
    this.#fn = fn;
    this.#receiver = this.#receive();
  }

  /** Takes no more messages and waits for the ones that are being worked on. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#receiver;
    await Promise.all(this.#running);
  }

  async #receive(): Promise<void> {
    const { signal } = this.#abort;
    const most = Math.min(MOST_AT_ONCE, this.#mapping.maxConcurrency);
    while (!signal.aborted) {
      try {
        if (this.#running.size >= most) await Promise.race(this.#running);
        const { Messages = [] } = await this.#client.send(new ReceiveMessageCommand({
          QueueUrl: this.#queueUrl,
          MaxNumberOfMessages: Math.min(10, this.#mapping.batchSize),
          WaitTimeSeconds: LONG_POLL_SECONDS,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }), { abortSignal: signal });
        if (Messages.length > 0) this.#start(Messages);
      } catch {
        // The queue is going away, or a call to it failed.
        if (!signal.aborted) await sleep(200);
      }
    }
  }

  #start(messages: readonly Message[]): void {
    // What was not deleted, for whatever reason, becomes visible again.
    const work = this.#work(messages).catch(() => {}).finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #work(messages: readonly Message[]): Promise<void> {
    const region = this.#mapping.queueArn.split(':')[3]!;
    const outcome = await this.#fn.invoke({
      Records: messages.map((message) => sqsRecord(message, this.#mapping.queueArn, region)),
    });
    const done = finished(messages.map((message) => message.MessageId!), outcome, this.#mapping.partialFailures);
    const entries = messages.filter((message) => done.has(message.MessageId!))
      .map((message, at) => ({ Id: String(at), ReceiptHandle: message.ReceiptHandle }));
    if (entries.length === 0) return;
    await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries: entries }));
  }
}

/** One record of an SQS event. */
export function sqsRecord(message: Message, eventSourceARN: string, awsRegion: string): Record<string, unknown> {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: {},
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}

/**
 * Which messages the mapping deletes, by Lambda's rules: none after a failure; with partial failures all but the
 * reported ones; none if the answer can't be understood or names an unknown message.
 */
export function finished(messageIds: readonly string[], outcome: Outcome, partialFailures: boolean): ReadonlySet<string> {
  const all = new Set(messageIds);
  if (outcome.kind === 'failed') return new Set();
  if (!partialFailures || outcome.payload === null) return all;
  if (typeof outcome.payload !== 'object') return new Set();
  const { batchItemFailures } = outcome.payload as { batchItemFailures?: unknown };
  if (batchItemFailures === undefined || batchItemFailures === null) return all;
  if (!Array.isArray(batchItemFailures)) return new Set();
  for (const failure of batchItemFailures as { itemIdentifier?: unknown }[]) {
    if (typeof failure?.itemIdentifier !== 'string' || !messageIds.includes(failure.itemIdentifier)) return new Set();
    all.delete(failure.itemIdentifier);
  }
  return all;
}
