import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../lib/functions.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

const prod = synthesized({ stage: 'prod' });
const { service } = prod;
const one = (type: string, fits: (properties: Record<string, any>) => boolean = () => true) => {
  const [found, ...others] = resourcesOf(service, type).map(({ Properties }) => Properties).filter(fits);
  expect(others).toEqual([]);
  return found!;
};
const [liveApi] = Object.keys(service.findResources('AWS::ApiGatewayV2::Api', { Properties: { ProtocolType: 'WEBSOCKET' } }));
const ofLive = (properties: Record<string, any>) => properties['ApiId'].Ref === liveApi;

describe('the WebSocket API', () => {
  it('has the three routes, of which only $default answers, all for one function', () => {
    const routes = resourcesOf(service, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties).filter(ofLive);
    expect(routes.map((route) => [route['RouteKey'], route['RouteResponseSelectionExpression']])).toEqual(
      FUNCTIONS.live.liveRoutes!.map((key) => [key, key === '$default' ? '$default' : undefined]),
    );
    expect(one('AWS::ApiGatewayV2::RouteResponse')['RouteResponseKey']).toBe('$default');
    for (const integration of resourcesOf(service, 'AWS::ApiGatewayV2::Integration').map(({ Properties }) => Properties).filter(ofLive)) {
      expect(integration['IntegrationType']).toBe('AWS_PROXY');
      expect(JSON.stringify(integration['IntegrationUri'])).toContain('liveFunction');
    }
  });

  it('throttles, and logs nothing that a header could be in: one of them is the token', () => {
    const stage = one('AWS::ApiGatewayV2::Stage', ofLive);
    expect(stage).toMatchObject({ StageName: 'live', AutoDeploy: true });
    // No execution log either: neither level nor data trace.
    expect(stage['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 });
    expect(stage['RouteSettings']).toBeUndefined();
    const fields = Object.values(JSON.parse(stage['AccessLogSettings'].Format as string) as Record<string, string>);
    expect(fields).toEqual([
      '$context.requestId', '$context.requestTimeEpoch', '$context.identity.sourceIp', '$context.eventType', '$context.routeKey',
      '$context.connectionId', '$context.status', '$context.integrationLatency',
    ]);
  });

  it('says where it is', () => {
    expect(JSON.stringify(service.toJSON()['Outputs']['LiveUrl'].Value)).toMatch(/^\{"Fn::Join":\["",\["wss:\/\/",\{"Ref":"LiveApi.*\/live"\]\]\}$/);
  });

  it('lists its connections in a table that forgets them, and that nobody protects or backs up', () => {
    const table = one('AWS::DynamoDB::GlobalTable');
    expect(table).toMatchObject({
      TableName: 'fieldsync-prod-connections', BillingMode: 'PAY_PER_REQUEST', SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
    expect(table['Replicas'][0].DeletionProtectionEnabled).toBeUndefined();
  });
});

describe('the stream of the log', () => {
  const mapping = one('AWS::Lambda::EventSourceMapping', (properties) => properties['StartingPosition'] === 'LATEST');

  it('carries keys and no images', () => {
    const streams = resourcesOf(prod.data, 'AWS::DynamoDB::GlobalTable').flatMap(({ Properties }) =>
      (Properties['StreamSpecification'] === undefined ? [] : [[Properties['TableName'], Properties['StreamSpecification']]]));
    expect(streams.toSorted()).toEqual([
      // For counts, of which there is a test of its own.
      ['fieldsync-prod-client_sync_state', { StreamViewType: 'NEW_AND_OLD_IMAGES' }],
      ['fieldsync-prod-scope_log', { StreamViewType: 'KEYS_ONLY' }],
    ]);
    expect(JSON.stringify(mapping['EventSourceArn'])).toContain('scopeLog');
  });

  it('lets only heads through', () => {
    expect(mapping['FilterCriteria'].Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern)))
      .toEqual([{ dynamodb: { Keys: { n: { N: ['0'] } } } }]);
  });

  it('begins at the end, and never stands still for what can not be done', () => {
    expect(mapping).toMatchObject({
      StartingPosition: 'LATEST', FunctionResponseTypes: ['ReportBatchItemFailures'], BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2, MaximumRecordAgeInSeconds: 300, MaximumBatchingWindowInSeconds: 0, BatchSize: 1000,
    });
    expect(mapping['DestinationConfig']).toBeUndefined();
  });

  it('is not there for restored tables until they are given one: then phones poll', () => {
    const streamOf = (context: Record<string, string>) => resourcesOf(synthesized({ restoredTables: 'rescue', ...context }).service, 'AWS::Lambda::EventSourceMapping')
      .map(({ Properties }) => Properties).filter((properties) => properties['StartingPosition'] === 'LATEST').map((properties) => properties['EventSourceArn']);
    expect(streamOf({})).toEqual([]);
    const restoredStream = 'arn:aws:dynamodb:eu-central-1:111122223333:table/rescue-scope_log/stream/2026-11-25T00:00:00.000';
    expect(streamOf({ restoredStream })).toEqual([restoredStream]);
  });
});
