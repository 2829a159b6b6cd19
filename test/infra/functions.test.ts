import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACCESS } from '../../lib/access.ts';
import { ENV, TABLE_ENV } from '../../src/runtime/env.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

const { service } = synthesized({ stage: 'prod' });
const lambdas = resourcesOf(service, 'AWS::Lambda::Function').map((fn) => fn.Properties);
const short = (fn: Record<string, any>) => (fn['FunctionName'] as string).replace('fieldsync-prod-', '');

describe('the functions', () => {
  it('are the files of functions/, one Lambda each', () => {
    const files = readdirSync(new URL('../../functions', import.meta.url))
      .filter((file) => file.endsWith('.ts')).map((file) => basename(file, '.ts')).sort();
    expect(lambdas.map(short).sort()).toEqual(files);
  });

  it('run Node 24 on arm64, traced, with JSON logs', () => {
    for (const fn of lambdas) {
      expect(fn).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON' },
      });
    }
  });

  it('log into groups of their own that forget after a time', () => {
    const groups = service.findResources('AWS::Logs::LogGroup') as Record<string, { Properties: Record<string, any> }>;
    const used = lambdas.map((fn) => fn['LoggingConfig'].LogGroup.Ref as string);
    expect(new Set(used).size).toBe(lambdas.length);
    for (const id of used) expect(groups[id]).toBeDefined();
    for (const group of Object.values(groups)) expect(group.Properties['RetentionInDays']).toBe(365);
  });

  it('answer before the gateway gives up at 30 s', () => {
    const routed = new Set(resourcesOf(service, 'AWS::ApiGatewayV2::Integration')
      .map((integration) => /"([a-zA-Z]+Function[0-9A-F]{8})"/.exec(JSON.stringify(integration.Properties['IntegrationUri']))![1]!));
    expect(routed.size).toBeGreaterThan(8);
    for (const [id, fn] of Object.entries(service.findResources('AWS::Lambda::Function')) as [string, any][]) {
      if (routed.has(id)) expect(fn.Properties.Timeout).toBeLessThan(30);
    }
  });

  it('are told the names of what they may use, and of nothing else', () => {
    for (const fn of lambdas) {
      const { tables, queue, sockets, bucket, verifiesTokens } = { queue: undefined, sockets: undefined, bucket: undefined, verifiesTokens: undefined, ...ACCESS[short(fn) as keyof typeof ACCESS] };
      const given = Object.keys(fn['Environment'].Variables);
      for (const [table, variable] of Object.entries(TABLE_ENV)) {
        expect(given.includes(variable), `${short(fn)} ${variable}`).toBe(table in tables);
      }
      expect(given.includes(ENV.queueUrl), short(fn)).toBe(queue !== undefined);
      expect(given.includes(ENV.liveEndpoint), short(fn)).toBe(sockets !== undefined);
      expect(given.includes(ENV.bucket), short(fn)).toBe(bucket !== undefined);
      for (const name of [ENV.tokenIssuer, ENV.tokenAudience, ENV.tokenJwksUrl]) {
        expect(given.includes(name), `${short(fn)} ${name}`).toBe(verifiesTokens === true);
      }
    }
  });

  it('are started every minute where something may be due, and by objects that come', () => {
    const rules = resourcesOf(service, 'AWS::Events::Rule').map((found) => found.Properties);
    const told = rules.map((rule) => [(rule['Targets'][0].Arn['Fn::GetAtt'][0] as string).replace(/Function.*/, ''), rule['ScheduleExpression'] ?? rule['EventPattern']]);
    const pattern = {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: [{ 'Fn::ImportValue': 'fieldsync-prod-photos' }] }, object: { key: [{ prefix: 'incoming/' }] } },
    };
    expect(rules.every((rule) => rule['State'] === 'ENABLED')).toBe(true);
    expect(told.sort()).toEqual([['attachmentcheck', pattern], ['attachmentcheck', 'rate(1 minute)'], ['notify', 'rate(1 minute)'], ['sweeper', 'rate(1 minute)']]);
  });
});
