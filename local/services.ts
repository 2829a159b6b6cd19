import { join } from 'node:path';
import { machineAddresses } from './addresses.ts';
import { accessKeyOf, startAccessGuard } from './access/access-guard.ts';
import { permissionsOf } from './access/policies.ts';
import { startDynamoDbLocal } from './dynamodb/dynamodb-local.ts';
import { queueUrl, startLocalQueues } from './queue/local-queues.ts';
import { startObjectServer, type ObjectServer } from './s3/object-server.ts';
import type { Shutdown } from './shutdown.ts';
import type { StackOptions } from './stack-types.ts';
import type { Need } from './access/requests.ts';
import type { FunctionResource } from './template/resources.ts';
import type { Resource } from './template/template.ts';

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
/** Everyone's secret access key. */
export const SECRET = 'local';

export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** The services that functions call. */
export interface LocalServices {
  /** For the stack's own calls. */
  readonly dynamoEndpoint: string;
  readonly sqsEndpoint: string;
  /** For the functions: the same services behind the check of what a function may do, and behind trouble on purpose. */
  readonly guardedDynamoEndpoint: string;
  readonly guardedSqsEndpoint: string;
  /** Where objects are, with the checks of the real S3. */
  readonly objects: ObjectServer;
  readonly refusals: readonly string[];
  readonly lost: Promise<string>;
  queueUrl(name: string): string;
  guardedQueueUrl(name: string): string;
  /** What a function (by its access key) may not do of this, in words. */
  refuse(caller: string, needs: readonly Need[]): string | undefined;
  /** Lets each function do what its role allows. */
  permit(functions: readonly FunctionResource[], resolved: readonly Resource[]): void;
}

export async function startServices(
  options: StackOptions, shutdown: Shutdown, onRefusal: (caller: string, refusal: string) => void,
): Promise<LocalServices> {
  const [dynamo, queues] = await shutdown.all([
    startDynamoDbLocal(options.inMemory === true ? undefined : join(options.dataDir, 'dynamodb')).then(shutdown.stopping),
    startLocalQueues(REGION).then(shutdown.stopping),
  ]);
  const guard = options.checkAccess === false ? undefined : shutdown.stopping(await startAccessGuard({
    dynamoEndpoint: dynamo.endpoint,
    sqsEndpoint: queues.endpoint,
    arns: {
      table: (name) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
      queue: (name) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
    },
    onRefusal,
  }));
  const { host = '127.0.0.1' } = options;
  const objects = shutdown.stopping(await startObjectServer({
    upstream: queues.endpoint,
    secret: SECRET,
    folder: options.inMemory === true ? undefined : join(options.dataDir, 'objects'),
    checkAccess: options.checkAccess !== false,
    // Phones send photos here: where the API listens, under an address that they can reach.
    host,
    address: host === '0.0.0.0' || host === '::' ? (machineAddresses()[0] ?? '127.0.0.1') : host,
    onRefusal,
  }));
  const guarded = {
    dynamoEndpoint: guard?.dynamoEndpoint ?? dynamo.endpoint,
    sqsEndpoint: guard?.sqsEndpoint ?? queues.endpoint,
  };
  const trouble = await options.chaos?.services?.(guarded).then(shutdown.stopping);
  const { dynamoEndpoint: guardedDynamoEndpoint, sqsEndpoint: guardedSqsEndpoint } = trouble ?? guarded;
  return {
    dynamoEndpoint: dynamo.endpoint,
    sqsEndpoint: queues.endpoint,
    guardedDynamoEndpoint,
    guardedSqsEndpoint,
    objects,
    get refusals() {
      return [...(guard?.refusals ?? []), ...objects.refusals];
    },
    lost: dynamo.lost,
    queueUrl: (name) => queueUrl(queues.endpoint, ACCOUNT, name),
    guardedQueueUrl: (name) => queueUrl(guardedSqsEndpoint, ACCOUNT, name),
    refuse: (caller, needs) => guard?.refuse(caller, needs),
    permit(functions, resolved) {
      const permissions = new Map(functions.map((fn) => [accessKeyOf(fn.shortName), permissionsOf(fn.roleArn, resolved)]));
      guard?.permit(permissions);
      objects.permit(permissions);
    },
  };
}
