import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

const RECORDS_AT_ONCE = 1000;
/** Nobody waits for counts: the more of them come at once, the less they cost. */
const WINDOW = Duration.seconds(60);

/** What brings the changes of tables to the function that counts them (ADR 16). */
export class UsageFeed extends Construct {
  /** `puts`: only items that are new. Restored tables have no stream until they are given one: then nothing is counted. */
  follow(fn: LambdaFunction, name: string, table: ITable, only: 'puts' | 'all'): void {
    const stream = table.tableStreamArn;
    if (stream === undefined) return;
    fn.addToRolePolicy(new PolicyStatement({
      actions: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action}`),
      resources: [stream],
    }));
    new EventSourceMapping(this, name, {
      target: fn,
      eventSourceArn: stream,
      // What was written before the mapping was there counts too, as far back as the stream goes.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: RECORDS_AT_ONCE,
      maxBatchingWindow: WINDOW,
      // Only events of a window name their shard, which counting once rests on.
      tumblingWindow: WINDOW,
      ...(only === 'puts' && { filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })] }),
      // Again and again until it works, or the record is as old as a stream can hold: what is passed over is never counted.
    });
  }
}
