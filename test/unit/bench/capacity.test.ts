import { describe, expect, it } from 'vitest';
import { unitsOf } from '../../../bench/meter/capacity.ts';

const consumed = (CapacityUnits: number) => ({ ConsumedCapacity: { TableName: 't', CapacityUnits } });

describe('units as AWS counts them', () => {
  it('are those of the answer where something was found or written', () => {
    expect(unitsOf('GetItem', { ConsistentRead: true }, consumed(3))).toEqual({ read: 3, write: 0 });
    expect(unitsOf('Query', { ConsistentRead: true }, consumed(7.5))).toEqual({ read: 7.5, write: 0 });
    expect(unitsOf('PutItem', {}, consumed(4))).toEqual({ read: 0, write: 4 });
    expect(unitsOf('DeleteItem', {}, consumed(1))).toEqual({ read: 0, write: 1 });
  });

  it('have a minimum for a query that finds nothing', () => {
    expect(unitsOf('Query', { ConsistentRead: true }, consumed(0)).read).toBe(1);
    expect(unitsOf('Query', { ConsistentRead: false }, consumed(0)).read).toBe(0.5);
    expect(unitsOf('Query', {}, consumed(0)).read).toBe(0.5);
  });

  it('have one for each key of a batch that is not there, but not for those that were left for later', () => {
    const asked = (ConsistentRead: boolean) => ({ RequestItems: { t: { Keys: [1, 2, 3, 4], ConsistentRead } } });
    const answered = { ConsumedCapacity: [{ CapacityUnits: 2 }], Responses: { t: [{}, {}] } };
    expect(unitsOf('BatchGetItem', asked(true), answered).read).toBe(4);
    expect(unitsOf('BatchGetItem', asked(false), answered).read).toBe(3);
    expect(unitsOf('BatchGetItem', asked(true), { ...answered, UnprocessedKeys: { t: { Keys: [4] } } }).read).toBe(3);
  });

  it('have one for a write that its condition refused', () => {
    expect(unitsOf('PutItem', {}, { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException' })).toEqual({ read: 0, write: 1 });
  });
});
