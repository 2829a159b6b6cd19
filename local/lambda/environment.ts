import { join } from 'node:path';
import { accessKeyOf } from '../access/access-guard.ts';
import type { FunctionResource } from '../template/resources.ts';

export interface Endpoints {
  readonly region: string;
  readonly dynamoDb: string;
  readonly sqs: string;
  readonly s3: string;
}

/** Where a function's code lies, in the folder of a synthesis: what Lambda unpacks to /var/task, its LAMBDA_TASK_ROOT. */
export function assetFolder(assets: string, fn: FunctionResource): string {
  return join(assets, `asset.${fn.asset}`);
}

/** The environment of one function: what the template says, what Lambda sets, and where the local services are. */
export function functionEnvironment(
  fn: FunctionResource, endpoints: Endpoints, overrides: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    AWS_REGION: endpoints.region,
    AWS_DEFAULT_REGION: endpoints.region,
    AWS_ACCESS_KEY_ID: accessKeyOf(fn.shortName),
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: '/local',
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    ...fn.environment,
    ...overrides,
  };
}
