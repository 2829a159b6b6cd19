import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketRoute, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  EventSourceMapping, FilterCriteria, FilterRule, StartingPosition, type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENV, TABLE_KEYS } from '../src/runtime/env.ts';
import type { Access } from './access.ts';
import { gatewayStage } from './gateway-stage.ts';
import type { StageConfig } from './stage.ts';
import { connectionsTable } from './sync-tables.ts';

/** The stage's name is the path of the contract: `wss://<api>.execute-api.<region>.amazonaws.com/live`. */
const STAGE = 'live';

/**
 * A line of the access log. Nothing that a header could be in: the one of the subprotocols holds the token. So no user
 * agent, no overrides, and no error messages, which quote what was wrong.
 */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  event: '$context.eventType',
  routeKey: '$context.routeKey',
  connectionId: '$context.connectionId',
  status: '$context.status',
  integrationMs: '$context.integrationLatency',
};

/** As many records as there are: one function call per burst, and what comes meanwhile waits for the next. */
const RECORDS_AT_ONCE = 1000;
/** A poke that is older tells a phone nothing: it has polled since (SDK: every five minutes). */
const OLDEST_POKE = Duration.minutes(5);

/** The WebSocket API: who is connected, its stage, and what brings the news to it. */
export class LiveApi extends Construct {
  readonly api: WebSocketApi;
  readonly stage: WebSocketStage;
  /** Thrown away with the API whose connections it lists. */
  readonly connections: ITable;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.connections = connectionsTable(this, config);
    this.api = new WebSocketApi(this, 'Api', {
      apiName: `fieldsync-${config.stage}-live`,
      description: 'Tells phones and consoles that something is new',
    });
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: STAGE,
      ...gatewayStage(this, config, { name: 'live-access', line: ACCESS_LOG }),
    });
  }

  /** Lets `fn` answer these route keys. What it answers to `$default` is sent to the connection. */
  route(fn: LambdaFunction, routeKeys: readonly string[]): void {
    for (const routeKey of routeKeys) {
      const route = new WebSocketRoute(this, routeKey, {
        webSocketApi: this.api,
        routeKey,
        integration: new WebSocketLambdaIntegration(`${routeKey} integration`, fn),
        returnResponse: routeKey === '$default',
      });
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'The token is verified by the function at $connect, where it also selects the subprotocol; the other routes '
          + 'only exist for connections that passed it.',
      });
    }
  }

  /** Lets `fn` send to connections, or close them: of this API and stage, and by these methods only. */
  grant(fn: LambdaFunction, methods: NonNullable<Access['sockets']>): void {
    const resources = methods.map((method) => this.#connectionsArn(method));
    fn.addToRolePolicy(new PolicyStatement({ actions: ['execute-api:ManageConnections'], resources }));
    fn.addEnvironment(ENV.liveEndpoint, this.stage.callbackUrl);
    if (fn.role === undefined) throw new Error('a function that manages connections needs a role');
    for (const method of methods) {
      Validations.of(fn.role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${this.#logicalId()}>/${STAGE}/${method}/@connections/*]`,
        reason: 'Connections are named by the gateway when they are made: all those of this one stage, by this one method.',
      });
    }
  }

  /**
   * Feeds `fn` with the heads of the logs. An item 0 is written when `applied` moves or an epoch begins, and then only: its
   * key says all, so the stream carries keys, and what is no head is dropped before it costs an invocation.
   */
  follow(fn: LambdaFunction, log: ITable): void {
    const stream = log.tableStreamArn;
    // Restored tables come without a stream: phones poll until one is given (`restoredStream`).
    if (stream === undefined) return;
    const { sort } = TABLE_KEYS.scopeLog;
    fn.addToRolePolicy(new PolicyStatement({
      actions: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action}`),
      resources: [stream],
    }));
    new EventSourceMapping(this, 'Heads', {
      target: fn,
      eventSourceArn: stream,
      startingPosition: StartingPosition.LATEST,
      batchSize: RECORDS_AT_ONCE,
      filters: [FilterCriteria.filter({ dynamodb: { Keys: { [sort.name]: { [sort.type]: FilterRule.isEqual('0') } } } })],
      // No window: the first poke of a burst goes out at once, and the rest is one batch by the time it has.
      maxBatchingWindow: Duration.seconds(0),
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 2,
      maxRecordAge: OLDEST_POKE,
    });
  }

  #connectionsArn(method: string): string {
    return Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.api.apiId,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      resourceName: `${STAGE}/${method}/@connections/*`,
    });
  }

  #logicalId(): string {
    return Stack.of(this).getLogicalId(this.api.node.defaultChild as never);
  }
}
