import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesized } from './synthesized.ts';

const { service } = synthesized({ stage: 'prod' });
const mappings = (template = service) => resourcesOf(template, 'AWS::Lambda::EventSourceMapping')
  .map(({ Properties }) => Properties).filter((properties) => properties['TumblingWindowInSeconds'] !== undefined);

describe('what feeds the counts', () => {
  it('are the streams of logs and devices, in windows: only those name their shard', () => {
    expect(mappings().map((properties) => /(scopeLog|clientSyncState)/.exec(JSON.stringify(properties['EventSourceArn']))?.[1]).toSorted()).toEqual(['clientSyncState', 'scopeLog']);
    for (const properties of mappings()) {
      expect(properties).toMatchObject({ StartingPosition: 'TRIM_HORIZON', TumblingWindowInSeconds: 60, MaximumBatchingWindowInSeconds: 60, BatchSize: 1000 });
      // A window with partial failures, or halves of a batch, would not be in order.
      expect(properties['FunctionResponseTypes'] ?? properties['BisectBatchOnFunctionError'] ?? properties['ParallelizationFactor']).toBeUndefined();
      // What is given up is never counted.
      expect(properties['MaximumRetryAttempts'] ?? properties['MaximumRecordAgeInSeconds']).toBeUndefined();
    }
  });

  it('are put again for restored tables once these have streams', () => {
    const arn = (table: string) => `arn:aws:dynamodb:eu-central-1:111122223333:table/rescue-${table}/stream/2026-11-25T00:00:00.000`;
    const restored = (context: Record<string, string>) => mappings(synthesized({ restoredTables: 'rescue', ...context }).service).map((properties) => properties['EventSourceArn'] as string);
    expect(restored({})).toEqual([]);
    expect(restored({ restoredStream: arn('scope_log'), restoredDeviceStream: arn('client_sync_state') }).toSorted()).toEqual([arn('client_sync_state'), arn('scope_log')]);
  });
});

describe('the dashboard', () => {
  const body = JSON.stringify(resourcesOf(service, 'AWS::CloudWatch::Dashboard')[0]?.Properties['DashboardBody']);

  it('answers three questions on one page', () => {
    for (const question of ['Are phones syncing?', 'What is stuck?', 'What does it cost?']) expect(body).toContain(question);
  });

  it('shows only metrics that the code writes, and all alarms', async () => {
    const { globSync, readFileSync } = await import('node:fs');
    const code = globSync('src/**/*.ts').map((file) => readFileSync(file, 'utf8')).join('\n');
    const shown = [...body.matchAll(/\\"Fieldsync\\",\\"(\w+)\\"/g)].map(([, name = '']) => name);
    expect(new Set(shown).size).toBeGreaterThan(15);
    const written = (name: string) => code.includes(`'${name}'`) || [/^actions_/, /_units$/, /^batches_/].some((family) => family.test(name) && familyIn(code, name));
    expect([...new Set(shown)].filter((name) => !written(name))).toEqual([]);
    for (const { Properties } of resourcesOf(service, 'AWS::CloudWatch::Alarm')) expect(Properties['AlarmName']).toMatch(/^fieldsync-prod-/);
    expect(body.match(/Alarms[A-Za-z0-9]+?[0-9A-F]{8}(?=\W)/g)?.length).toBe(resourcesOf(service, 'AWS::CloudWatch::Alarm').length);
  });
});

/** Names that are put together: `actions_${status}`, `${kind}_units`. */
function familyIn(code: string, name: string): boolean {
  if (/^actions_(success|conflict|rejected)$/.test(name)) return code.includes('`actions_${outcome.status}`');
  return /^(read|write)_units$/.test(name) && code.includes('`${kind}_units`');
}
