import { Duration, Validations } from 'aws-cdk-lib';
import {
  CorsHttpMethod, HttpApi, HttpMethod, HttpNoneAuthorizer, HttpRoute, HttpRouteKey, HttpStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { gatewayStage } from './gateway-stage.ts';
import type { StageConfig } from './stage.ts';

/** A line of the access log: no query (it may carry cursors), no headers (they carry tokens), no path (it names records). */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  method: '$context.httpMethod',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationMs: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
};

/** The HTTP API: explicit routes, one stage with throttling and an access log. */
export class SyncApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      apiName: `fieldsync-${config.stage}`,
      createDefaultStage: false,
      ...(config.corsOrigins.length > 0 && {
        corsPreflight: {
          allowOrigins: [...config.corsOrigins],
          allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST],
          allowHeaders: ['authorization', 'content-type', 'content-encoding', 'prefer'],
          exposeHeaders: ['retry-after', 'preference-applied', 'x-request-id', 'apigw-requestid'],
          maxAge: Duration.hours(1),
        },
      }),
    });
    // Not `api.addStage('Default', …)`: its logical id would be the one of the built-in default stage.
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      ...gatewayStage(this, config, { name: 'access', line: ACCESS_LOG }),
    });
  }

  /** Lets `fn` answer these route keys (`GET /path`, or `$default` for all that no other route answers). */
  route(fn: LambdaFunction, routeKeys: readonly string[]): void {
    for (const routeKey of routeKeys) {
      const route = new HttpRoute(this, routeKey.replaceAll('/', '.'), {
        httpApi: this.api,
        routeKey: parseRouteKey(routeKey),
        integration: new HttpLambdaIntegration(`${routeKey} integration`.replaceAll('/', '.'), fn),
        authorizer: new HttpNoneAuthorizer(),
      });
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'Tokens are verified in the wrapper of each function: an HTTP API can not shape its own refusals '
          + '(problem+json is promised), and the cache of its authorizers outlives a token. /healthz, the documentation '
          + 'and the problem documents for unknown routes are public.',
      });
    }
  }
}

function parseRouteKey(routeKey: string): HttpRouteKey {
  if (routeKey === '$default') return HttpRouteKey.DEFAULT;
  const [method, path] = routeKey.split(' ');
  if (path === undefined) throw new Error(`not a route key: ${routeKey}`);
  return HttpRouteKey.with(path, HttpMethod[method as keyof typeof HttpMethod]);
}
