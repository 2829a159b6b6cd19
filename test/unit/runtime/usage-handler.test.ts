import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import type { Item } from '../../../src/adapters/dynamodb/table.ts';
import { usageHandler } from '../../../src/runtime/usage-handler.ts';
import { commit, outcome, T0 } from '../../support/builders.ts';
import { createWorld } from '../../support/world.ts';

/** An item as Lambda hands it over. */
function image(item: Item): Record<string, object> {
  const typed = (value: unknown) => (typeof value === 'number' ? { N: String(value) } : { S: String(value) });
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, typed(value)]));
}

let sequence = 0;
function record(eventName: 'INSERT' | 'MODIFY' | 'REMOVE', keys: readonly string[], after: Item | undefined, before?: Item): DynamoDBRecord {
  const { ...all } = image(after ?? before ?? {});
  return {
    eventName,
    dynamodb: {
      SequenceNumber: String(++sequence * 100),
      Keys: Object.fromEntries(keys.map((key) => [key, all[key]])) as never,
      ...(after ? { NewImage: all as never } : {}),
      ...(before ? { OldImage: image(before) as never } : {}),
    },
  };
}

const LOG = ['scope', 'n'];
const DEVICES = ['user', 'device_id'];

function handlerOn(world = createWorld()) {
  let n = 0;
  /** Puts a commit of so many outcomes. Of a log its stream tells keys only. */
  const put = (outcomes: number) => {
    const row = commit({ n: ++n, at: T0, outcomes: Array.from({ length: outcomes }, () => outcome()) });
    void world.ports.log.put(row);
    const { dynamodb, ...rest } = record('INSERT', LOG, { scope: row.scope, n });
    return { ...rest, dynamodb: { SequenceNumber: dynamodb?.SequenceNumber ?? '', Keys: dynamodb?.Keys ?? {} } };
  };
  const report = { ...world.report, begin: () => {}, by: () => {}, end: () => {} };
  const handle = usageHandler({ report, deps: () => world.deps });
  return { world, put, handle: (event: Parameters<typeof handle>[0]) => handle(event, { awsRequestId: 'r' }) };
}

describe('the function behind the streams', () => {
  test('counts commits and devices, and nothing of heads, of remembered cursors or of what expired', async () => {
    const { world, put, handle } = handlerOn();
    const phone = { user: 'alice', device_id: 'phone', last_upload: T0, uploads: 1, sync_version: 1, bytes_in: 70 };
    const cursors = record('INSERT', DEVICES, { user: 'alice', device_id: '~since#phone', revision: 1 });
    cursors.dynamodb = { ...cursors.dynamodb, NewImage: { ...cursors.dynamodb?.NewImage, entries: { B: 'AQID' } } };
    const answer = await handle({
      shardId: 's',
      Records: [
        put(2), put(30),
        record('MODIFY', LOG, { scope: 'user:alice', n: 0, applied: 2, applied_at: T0, epoch: 0 }),
        record('INSERT', LOG, { scope: 'user:bob', n: 0, applied: 1, applied_at: T0, epoch: 0 }),
        record('REMOVE', LOG, undefined, { scope: 'user:alice', n: 1 }),
        record('INSERT', DEVICES, phone),
        record('MODIFY', DEVICES, { ...phone, uploads: 2, sync_version: 3, bytes_in: 100, bytes_out: 9 }, phone),
        cursors,
        record('REMOVE', DEVICES, undefined, phone),
      ],
    });
    // A mapping with a window takes an answer without state for a failure.
    expect(answer).toEqual({ state: {} });
    expect(world.report.alarms()).toEqual([]);
    expect(await world.deps.usage.day('2026-01-01')).toMatchObject({ actions: 32, uploads: 2, downloads: 1, devices: 1, bytes_in: 100, bytes_out: 9 });
  });

  test('counts what comes again once, and a record of another shard beside it', async () => {
    const { world, put, handle } = handlerOn();
    const Records = [put(1), put(2)];
    await handle({ shardId: 's', Records });
    await handle({ shardId: 's', Records: [...Records, put(4)] });
    await handle({ shardId: 't', Records: [put(8)] });
    await handle({ shardId: 's', Records: [] });
    expect((await world.deps.usage.day('2026-01-01'))['actions']).toBe(15);
  });

  test('wakes someone for a record that it can’t read, and goes on', async () => {
    const { world, put, handle } = handlerOn();
    const broken = record('INSERT', DEVICES, { user: 'alice', device_id: 'phone' });
    broken.dynamodb = { ...broken.dynamodb, NewImage: { device_id: { M: {} } } };
    await handle({ shardId: 's', Records: [broken, put(3), record('INSERT', LOG, { scope: 'user:nobody', n: 7 })] });
    expect((await world.deps.usage.day('2026-01-01'))['actions']).toBe(3);
    expect(world.report.lines.filter(({ level }) => level === 'alarm')).toMatchObject([{ event: 'record_unreadable' }, { event: 'commit_missing' }]);
  });

  test('fails when it could not count, and when the mapping names no shard', async () => {
    const { world, put, handle } = handlerOn();
    await expect(handle({ Records: [put(1)] })).rejects.toThrow('usage was not counted');
    world.deps.usage.add = () => Promise.reject(new Error('down'));
    await expect(handle({ shardId: 's', Records: [put(1)] })).rejects.toThrow('usage was not counted: Error');
  });
});
