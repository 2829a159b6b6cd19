import type { DynamoDBRecord } from 'aws-lambda';
import { commitPut, deviceChanged, isOfLog, orderOf } from '../adapters/dynamodb/stream.ts';
import type { Deps } from '../service/deps.ts';
import { faultFields } from '../service/fault-fields.ts';
import { countChanges, type TableChange } from '../service/usage/count-changes.ts';
import type { Runtime } from './compose.ts';

/**
 * What a mapping with a tumbling window delivers: records of one shard, in order. Only such events name their shard,
 * which is why there is a window at all: nothing is kept in its state.
 */
export type ShardEvent = { Records?: DynamoDBRecord[]; shardId?: string };

/** A function that follows the streams of logs and devices. It fails as a whole: the same records come again. */
export function usageHandler({ report, deps }: Runtime) {
  return async ({ Records = [], shardId }: ShardEvent, invocation: { awsRequestId: string }): Promise<{ state: object }> => {
    report.begin(invocation.awsRequestId);
    const fields = { error: '' };
    try {
      if (Records.length > 0) await count(deps(), shardId, Records, (error) => report.alarm('record_unreadable', faultFields(error)));
      return { state: {} };
    } catch (error) {
      Object.assign(fields, faultFields(error));
      report.warn('usage_failed', fields);
    } finally {
      report.end();
    }
    // The platform logs what is thrown: only the error's class may get there.
    throw new Error(`usage was not counted: ${fields.error}`);
  };
}

async function count(deps: Deps, shardId: string | undefined, records: readonly DynamoDBRecord[], unreadable: (error: unknown) => void): Promise<void> {
  if (shardId === undefined) throw new Error('the event names no shard: its mapping needs a tumbling window');
  const changes = records.flatMap((record): TableChange[] => {
    try {
      return changeOf(record);
    } catch (error) {
      // It would never be readable, and everything behind it would wait for a day.
      unreadable(error);
      return [];
    }
  });
  await countChanges(deps, shardId, changes);
}

function changeOf(record: DynamoDBRecord): TableChange[] {
  const order = orderOf(record);
  if (isOfLog(record)) {
    const place = commitPut(record);
    return place ? [{ order, kind: 'commit', ...place }] : [];
  }
  const device = deviceChanged(record);
  return device ? [{ order, kind: 'device', ...device }] : [];
}
