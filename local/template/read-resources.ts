import type {
  ArrivalResource, BucketResource, CorsResource, FunctionResource, LiveRouteResource, StackResources, QueueResource, TableResource,
} from './resources.ts';
import type { Resource } from './template.ts';

const INTEGRATION_TIMEOUT_MS = 30_000;

/** What of the synthesized templates runs here. `arnOf`: the ARN of a function by its name. */
export function stackResources(resources: readonly Resource[], arnOf: (functionName: string) => string): StackResources {
  const of = <T>(type: string): { logicalId: string; properties: T }[] =>
    resources.filter((resource) => resource.type === type)
      .map(({ logicalId, properties }) => ({ logicalId, properties: properties as T }));
  const integrations = new Map(of<Integration>('AWS::ApiGatewayV2::Integration')
    .map(({ logicalId, properties }) => [`integrations/${logicalId}`, properties]));
  const functionArn = (nameOrArn: string) => (nameOrArn.startsWith('arn:') ? nameOrArn : arnOf(nameOrArn));
  const apis = of<Api>('AWS::ApiGatewayV2::Api');
  const [http, webSocket] = ['HTTP', 'WEBSOCKET'].map((protocol) => {
    const found = apis.find(({ properties }) => properties.ProtocolType === protocol);
    if (found === undefined) throw new Error(`the template has no API of type ${protocol}`);
    return found;
  }) as [(typeof apis)[number], (typeof apis)[number]];
  const routesOf = (apiId: string): LiveRouteResource[] => of<Route>('AWS::ApiGatewayV2::Route')
    .filter(({ properties }) => properties.ApiId === apiId)
    .map(({ properties: { RouteKey, Target, RouteResponseSelectionExpression } }) => {
      const integration = integrations.get(Target);
      if (integration === undefined) throw new Error(`the route ${RouteKey} has no integration`);
      return {
        routeKey: RouteKey,
        // A WebSocket API names the function within the path of its Invoke API.
        functionArn: /functions\/(arn:[^/]+)\/invocations$/.exec(integration.IntegrationUri)?.[1] ?? integration.IntegrationUri,
        timeoutMs: integration.TimeoutInMillis ?? INTEGRATION_TIMEOUT_MS,
        returnsResponse: RouteResponseSelectionExpression !== undefined,
      };
    });
  const mappings = of<Mapping>('AWS::Lambda::EventSourceMapping').map(({ properties }) => properties);

  return {
    tables: of<TableResource>('AWS::DynamoDB::GlobalTable').map(({ properties }) => properties),
    queues: of<QueueResource>('AWS::SQS::Queue').map(({ properties }) => properties),
    functions: of<LambdaProperties>('AWS::Lambda::Function').map(({ properties }) => lambda(properties, arnOf)),
    routes: routesOf(http.logicalId),
    live: {
      apiId: webSocket.logicalId,
      stage: of<Stage>('AWS::ApiGatewayV2::Stage').find(({ properties }) => properties.ApiId === webSocket.logicalId)!.properties.StageName,
      routes: routesOf(webSocket.logicalId),
    },
    mappings: mappings.filter(({ EventSourceArn }) => EventSourceArn.startsWith('arn:aws:sqs:')).map((properties) => ({
      queueArn: properties.EventSourceArn,
      functionArn: functionArn(properties.FunctionName),
      batchSize: properties.BatchSize ?? 10,
      partialFailures: reportsFailures(properties),
      maxConcurrency: properties.ScalingConfig?.MaximumConcurrency ?? Infinity,
    })),
    streams: mappings.filter(({ EventSourceArn }) => EventSourceArn.startsWith('arn:aws:dynamodb:')).map((properties) => ({
      tableName: properties.EventSourceArn.split('/')[1]!,
      streamArn: properties.EventSourceArn,
      functionArn: functionArn(properties.FunctionName),
      batchSize: properties.BatchSize ?? 100,
      filters: properties.FilterCriteria?.Filters.map(({ Pattern }) => Pattern) ?? [],
      partialFailures: reportsFailures(properties),
      bisects: properties.BisectBatchOnFunctionError ?? false,
      retries: properties.MaximumRetryAttempts ?? Infinity,
      namesShard: properties.TumblingWindowInSeconds !== undefined,
    })),
    schedules: of<Rule>('AWS::Events::Rule').flatMap(({ properties }) =>
      properties.ScheduleExpression === undefined || properties.State === 'DISABLED' ? [] : properties.Targets.map((target) => ({
        functionArn: target.Arn,
        everyMs: rateMs(properties.ScheduleExpression!),
        input: target.Input,
      }))),
    buckets: of<Partial<BucketResource>>('AWS::S3::Bucket').map(({ logicalId, properties }) => ({ ...properties, BucketName: properties.BucketName ?? logicalId.toLowerCase() })),
    arrivals: of<Rule>('AWS::Events::Rule').flatMap(({ properties: { EventPattern, State, Targets } }) =>
      (EventPattern === undefined || State === 'DISABLED' ? [] : Targets.map((target) => arrival(EventPattern, target.Arn)))),
    cors: http.properties.CorsConfiguration ?? {},
  };
}

function lambda(properties: LambdaProperties, arnOf: (functionName: string) => string): FunctionResource {
  const environment = properties.Environment?.Variables ?? {};
  const name = properties.FunctionName;
  const prefix = `fieldsync-${environment['STAGE'] ?? ''}-`;
  return {
    arn: arnOf(name),
    name,
    shortName: name.startsWith(prefix) ? name.slice(prefix.length) : name,
    asset: properties.Code.S3Key.replace(/\.zip$/, ''),
    handler: properties.Handler,
    roleArn: properties.Role,
    timeoutMs: (properties.Timeout ?? 3) * 1000,
    memoryMb: properties.MemorySize ?? 128,
    environment,
  };
}

function reportsFailures({ FunctionResponseTypes }: Mapping): boolean {
  return FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false;
}

/** The one kind of pattern that the template has; any other is an error, for nobody would be told. */
function arrival(pattern: ArrivalPattern, functionArn: string): ArrivalResource {
  const { source, detail, 'detail-type': type } = pattern;
  const bucket = detail?.bucket?.name[0];
  const prefix = detail?.object?.key[0]?.prefix;
  if (source[0] !== 'aws.s3' || type?.[0] !== 'Object Created' || bucket === undefined || prefix === undefined) {
    throw new Error(`the local stack does not know the event pattern ${JSON.stringify(pattern)}`);
  }
  return { functionArn, bucket, prefix };
}

/** `rate(5 minutes)` in milliseconds. */
export function rateMs(expression: string): number {
  const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (match === null) throw new Error(`the local stack knows schedules like rate(1 minute), not ${expression}`);
  const unit = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[match[2] as 'minute' | 'hour' | 'day'];
  return Number(match[1]) * unit;
}

interface LambdaProperties {
  readonly FunctionName: string;
  readonly Code: { readonly S3Key: string };
  readonly Handler: string;
  readonly Role: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Environment?: { readonly Variables: Record<string, string> };
}

interface Integration {
  readonly IntegrationUri: string;
  readonly TimeoutInMillis?: number;
}

interface Api {
  readonly ProtocolType: 'HTTP' | 'WEBSOCKET';
  readonly CorsConfiguration?: CorsResource;
}

interface Stage {
  readonly ApiId: string;
  readonly StageName: string;
}

interface Route {
  readonly ApiId: string;
  readonly RouteKey: string;
  readonly Target: string;
  readonly RouteResponseSelectionExpression?: string;
}

interface Mapping {
  readonly EventSourceArn: string;
  readonly FunctionName: string;
  readonly BatchSize?: number;
  readonly FunctionResponseTypes?: readonly string[];
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number };
  readonly FilterCriteria?: { readonly Filters: readonly { readonly Pattern: string }[] };
  readonly BisectBatchOnFunctionError?: boolean;
  readonly MaximumRetryAttempts?: number;
  readonly TumblingWindowInSeconds?: number;
}

interface ArrivalPattern {
  readonly source: readonly string[];
  readonly 'detail-type'?: readonly string[];
  readonly detail?: { readonly bucket?: { readonly name: readonly string[] }; readonly object?: { readonly key: readonly { readonly prefix?: string }[] } };
}

interface Rule {
  readonly EventPattern?: ArrivalPattern;
  readonly ScheduleExpression?: string;
  readonly State?: string;
  readonly Targets: readonly { readonly Arn: string; readonly Input?: string }[];
}
