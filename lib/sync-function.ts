import { join } from 'node:path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, RecursiveLoop, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENV } from '../src/runtime/env.ts';
import type { FunctionName } from './access.ts';
import { FUNCTIONS } from './functions.ts';
import type { StageConfig } from './stage.ts';

/** One Lambda with a role, a log group and a name of its own. It may do nothing until a resource grants it. */
export class SyncFunction extends Construct {
  readonly lambda: LambdaFunction;

  /** `bundles`: the folder with one bundle `<name>/index.cjs` per function. */
  constructor(scope: Construct, name: FunctionName, config: StageConfig, bundles: string) {
    super(scope, name);
    const spec = FUNCTIONS[name];
    const functionName = `fieldsync-${config.stage}-${name}`;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/fieldsync/${config.stage}/${name}`,
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: config.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // Own role: the managed one of Lambda may write to every log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName,
      description: spec.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(bundles, name)),
      handler: 'index.handler',
      timeout: Duration.seconds(spec.timeoutSeconds),
      memorySize: spec.memoryMb,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      // A worker sends messages to the queue that feeds it: audiences, and the rest of a long inbox. Lambda would take
      // the sixteenth of such a chain for a runaway loop and drop it.
      ...(spec.consumes !== undefined && { recursiveLoop: RecursiveLoop.ALLOW }),
      environment: {
        [ENV.stage]: config.stage,
        POWERTOOLS_SERVICE_NAME: name,
      },
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray: PutTraceSegments and PutTelemetryRecords know no resources.',
    });
  }
}
