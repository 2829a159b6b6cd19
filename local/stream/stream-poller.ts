import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand, type DynamoDBStreamsClient, type _Record,
} from '@aws-sdk/client-dynamodb-streams';
import type { LocalFunction, Outcome } from '../lambda/local-function.ts';
import type { StreamResource } from '../template/resources.ts';
import { matches } from './event-pattern.ts';

/** How often it looks, ms, while somebody listens, and else. On AWS it is four times a second. */
export const LOOK_MS = { busy: 20, idle: 500 } as const;

type Start = 'LATEST' | 'TRIM_HORIZON' | 'AFTER_SEQUENCE_NUMBER';
/** `last`: sequence number of the last record that was read. */
type Reader = { readonly shardId: string; iterator: string | undefined; last: string | undefined };

/** An event source mapping: reads a table's stream and invokes a function with what passes the filters. */
export class StreamPoller {
  readonly #client: DynamoDBStreamsClient;
  readonly #arn: string;
  readonly #mapping: StreamResource;
  readonly #fn: Pick<LocalFunction, 'invoke'>;
  readonly #lookMs: () => number;
  readonly #abort = new AbortController();
  readonly #seen = new Set<string>();
  #readers: Reader[] = [];
  readonly #running: Promise<void>;

  /** `arn`: of the stream as the database names it. */
  constructor(client: DynamoDBStreamsClient, arn: string, mapping: StreamResource, fn: Pick<LocalFunction, 'invoke'>, lookMs: () => number) {
    this.#client = client;
    this.#arn = arn;
    this.#mapping = mapping;
    this.#fn = fn;
    this.#lookMs = lookMs;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    let start: Start = 'LATEST';
    while (!signal.aborted) {
      try {
        // A shard that was read to its end is followed by others.
        if (this.#readers.length === 0) await this.#open(start);
        if (this.#readers.length > 0) start = 'TRIM_HORIZON';
        const found = await Promise.all(this.#readers.map((reader) => this.#read(reader)));
        if (!found.includes(true)) await sleep(this.#lookMs(), undefined, { signal });
      } catch {
        // The database is going away, or an iterator is no good any more.
        if (signal.aborted) return;
        for (const reader of this.#readers) reader.iterator = undefined;
        await sleep(LOOK_MS.busy);
      }
    }
  }

  async #open(start: Start): Promise<void> {
    const { StreamDescription } = await this.#client.send(new DescribeStreamCommand({ StreamArn: this.#arn }));
    const shards = (StreamDescription?.Shards ?? []).flatMap(({ ShardId }) => ShardId ?? []).filter((shardId) => !this.#seen.has(shardId));
    for (const shardId of shards) {
      const reader: Reader = { shardId, iterator: undefined, last: undefined };
      reader.iterator = await this.#iterator(reader, start);
      this.#seen.add(shardId);
      this.#readers.push(reader);
    }
  }

  async #iterator({ shardId, last }: Reader, start: Start): Promise<string | undefined> {
    const { ShardIterator } = await this.#client.send(new GetShardIteratorCommand({
      StreamArn: this.#arn,
      ShardId: shardId,
      ShardIteratorType: last === undefined ? start : 'AFTER_SEQUENCE_NUMBER',
      SequenceNumber: last,
    }));
    return ShardIterator;
  }

  /** Were there any records? The function has had them when this resolves: of a shard, one batch after the other. */
  async #read(reader: Reader): Promise<boolean> {
    // DynamoDB Local takes the end of an empty shard for one that was trimmed, once there is a record.
    reader.iterator ??= await this.#iterator(reader, 'TRIM_HORIZON');
    const { Records = [], NextShardIterator } = await this.#client.send(
      new GetRecordsCommand({ ShardIterator: reader.iterator, Limit: this.#mapping.batchSize }));
    reader.last = Records.at(-1)?.dynamodb?.SequenceNumber ?? reader.last;
    reader.iterator = NextShardIterator;
    if (NextShardIterator === undefined) this.#readers = this.#readers.filter((other) => other !== reader);
    const { filters, streamArn } = this.#mapping;
    const records = Records.map((record) => streamRecord(record, streamArn));
    await this.#hand(records.filter((record) => filters.length === 0 || filters.some((filter) => matches(filter, record))), reader.shardId, 0);
    return Records.length > 0;
  }

  /** What can't be done goes, in the end: a stream must go on. */
  async #hand(records: readonly StreamRecord[], shardId: string, tries: number): Promise<void> {
    if (records.length === 0 || tries > this.#mapping.retries || this.#abort.signal.aborted) return;
    if (tries > 0) await sleep(Math.min(100 * tries, 2000), undefined, { signal: this.#abort.signal });
    const event = { Records: records, ...(this.#mapping.namesShard && { shardId }) };
    const left = undone(records, await this.#fn.invoke(event), this.#mapping.partialFailures);
    const middle = this.#mapping.bisects && left.length === records.length ? Math.ceil(left.length / 2) : left.length;
    await this.#hand(left.slice(0, middle), shardId, tries + 1);
    await this.#hand(left.slice(middle), shardId, tries + 1);
  }
}

export type StreamRecord = { readonly dynamodb: { readonly SequenceNumber: string } & Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>;

/** One record of a stream's event, as Lambda gives it. */
export function streamRecord({ dynamodb, eventID, eventName, eventVersion }: _Record, eventSourceARN: string): StreamRecord {
  return {
    eventID,
    eventName,
    eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: eventSourceARN.split(':')[3],
    dynamodb: {
      ...dynamodb,
      ApproximateCreationDateTime: Math.floor((dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000),
      SequenceNumber: dynamodb?.SequenceNumber ?? '',
    },
    eventSourceARN,
  };
}

/** What must come again, by Lambda's rules: all after a failure; else all from the first record that was reported. */
export function undone(records: readonly StreamRecord[], outcome: Outcome, partialFailures: boolean): readonly StreamRecord[] {
  if (outcome.kind === 'failed') return records;
  const { batchItemFailures = [] } = (outcome.payload ?? {}) as { batchItemFailures?: { itemIdentifier?: string }[] };
  if (!partialFailures || batchItemFailures.length === 0) return [];
  const first = records.findIndex(({ dynamodb }) => batchItemFailures.some(({ itemIdentifier }) => itemIdentifier === dynamodb.SequenceNumber));
  return records.slice(Math.max(0, first));
}
