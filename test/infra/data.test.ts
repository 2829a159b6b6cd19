import { describe, expect, it } from 'vitest';
import { TABLE_KEYS } from '../../src/runtime/env.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

const TABLES = 'AWS::DynamoDB::GlobalTable';
const BUCKETS = 'AWS::S3::Bucket';
const dev = synthesized();
const prod = synthesized({ stage: 'prod' });

describe('the data stack', () => {
  it('has the tables of the key layout, under the names ops and the mission know', () => {
    expect(resourcesOf(prod.data, TABLES).map((table) => table.Properties['TableName']).sort()).toEqual([
      'fieldsync-prod-attachments',
      'fieldsync-prod-client_sync_state',
      'fieldsync-prod-entities',
      'fieldsync-prod-offline_actions_log',
      'fieldsync-prod-scope_log',
      'fieldsync-prod-sync_conflicts',
      'fieldsync-prod-upload_inbox',
      'fieldsync-prod-usage',
    ]);
  });

  it('has nothing but tables and buckets, and the service stack has none that must survive', () => {
    expect(new Set(Object.values(prod.data.toJSON()['Resources'] as Record<string, { Type: string }>).map((r) => r.Type)))
      .toEqual(new Set([TABLES, BUCKETS, 'AWS::S3::BucketPolicy']));
    expect(resourcesOf(prod.service, BUCKETS)).toEqual([]);
    // Who is connected is no data: it goes with the API that it lists the connections of.
    expect(resourcesOf(prod.service, TABLES).map((table) => table.Properties['TableName'])).toEqual(['fieldsync-prod-connections']);
  });

  it.each([['dev', dev], ['prod', prod]] as const)('keeps every table of %s recoverable, encrypted and on demand', (_stage, { data }) => {
    for (const { Properties } of resourcesOf(data, TABLES)) {
      expect(Properties['BillingMode']).toBe('PAY_PER_REQUEST');
      expect(Properties['SSESpecification']).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(Properties['Replicas']).toHaveLength(1);
      expect(Properties['Replicas'][0].PointInTimeRecoverySpecification)
        .toEqual({ PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 });
    }
  });

  it('protects prod from deletion, and lets dev go', () => {
    for (const table of resourcesOf(prod.data, TABLES)) {
      expect(table.Properties['Replicas'][0].DeletionProtectionEnabled).toBe(true);
      expect([table.DeletionPolicy, table.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
    for (const table of resourcesOf(dev.data, TABLES)) {
      expect(table.Properties['Replicas'][0].DeletionProtectionEnabled).toBe(false);
      expect(table.DeletionPolicy).toBe('Delete');
    }
    expect(prod.terminationProtection).toEqual([true, true]);
    expect(dev.terminationProtection).toEqual([false, false]);
  });

  it.each(Object.entries(TABLE_KEYS))('gives %s the keys, index and time to live of the layout', (name, keys: Layout) => {
    const physical = `fieldsync-dev-${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    const found = [...resourcesOf(dev.data, TABLES), ...resourcesOf(dev.service, TABLES)].find((table) => table.Properties['TableName'] === physical)!.Properties;
    expect(found['KeySchema']).toEqual(schema(keys));
    const parts = [keys.partition, ...(keys.sort === undefined ? [] : [keys.sort]), ...(keys.index === undefined ? [] : [keys.index.partition, keys.index.sort])];
    expect(found['AttributeDefinitions']).toEqual(expect.arrayContaining(
      parts.map((part) => ({ AttributeName: part.name, AttributeType: part.type })),
    ));
    expect(found['TimeToLiveSpecification']).toEqual(
      keys.ttl === undefined ? undefined : { AttributeName: keys.ttl, Enabled: true },
    );
    expect(found['GlobalSecondaryIndexes']).toEqual(keys.index === undefined ? undefined : [
      { IndexName: keys.index.name, KeySchema: schema(keys.index), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ]);
  });

  it('can be left aside for restored tables, which then are the ones that functions are given and may use', () => {
    const restored = synthesized({ restoredTables: 'rescue' }).service;
    const text = JSON.stringify(restored.toJSON());
    expect(text).toContain('"TABLE_SCOPE_LOG":"rescue-scope_log"');
    expect(text).toContain(':table/rescue-upload_inbox/index/by_due');
    // Photos stay where they are: a bucket keeps what was removed as long as tables can be restored.
    expect(text.replaceAll('{"Fn::ImportValue":"fieldsync-dev-photos"}', '')).not.toContain('Fn::ImportValue');
  });
});

interface Layout {
  readonly partition: { name: string; type: string };
  readonly sort?: { name: string; type: string };
  readonly ttl?: string;
  readonly index?: { name: string; partition: { name: string; type: string }; sort: { name: string; type: string } };
}

function schema(keys: Pick<Layout, 'partition' | 'sort'>) {
  return [
    { AttributeName: keys.partition.name, KeyType: 'HASH' },
    ...(keys.sort === undefined ? [] : [{ AttributeName: keys.sort.name, KeyType: 'RANGE' }]),
  ];
}
