import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ENV, TABLE_ENV, type TableName } from '../src/runtime/env.ts';
import { createTables } from './dynamodb/create-tables.ts';
import { startDynamoDbLocal } from './dynamodb/dynamodb-local.ts';
import { Gateway } from './gateway/gateway.ts';
import { invokeRoute, jwksRoute } from './gateway/local-routes.ts';
import { listen } from './gateway/server.ts';
import { functionEnvironment } from './lambda/environment.ts';
import { LocalFunction, type Outcome } from './lambda/local-function.ts';
import { runSchedule } from './lambda/schedule.ts';
import { openLog } from './log.ts';
import { createQueues, queueUrl, startLocalQueues } from './queue/local-queues.ts';
import { QueuePoller } from './queue/poller.ts';
import { Shutdown } from './shutdown.ts';
import { stackResources, type StackResources } from './template/resources.ts';
import { synthesize } from './template/synthesize.ts';
import { readTemplates, resolveTemplates } from './template/template.ts';
import { JWKS_PATH, localIssuer, type TokenClaims } from './token/local-issuer.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
/** How long a stop waits for requests and messages that are under way. */
const PATIENCE_MS = 5_000;

export interface StackOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** For the database, the signing key, logs and builds. */
  readonly dataDir: string;
  /** Only other than 127.0.0.1 to let a phone in. */
  readonly host?: string;
  /** Keep the database in memory; the signing key is in `dataDir` anyway. */
  readonly inMemory?: boolean;
  /** What to show of the functions' logs; everything is in the log file. */
  readonly show?: 'nothing' | 'warnings' | 'all';
  /** Deploy parameters by name, such as `Epoch`, beside those that the stack knows itself. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Environment variables that replace those of the template in every function (a faulty database's endpoint, …). */
  readonly functionEnv?: Readonly<Record<string, string>>;
  /** Visibility timeout of the queues instead of the template's, for tests that can't wait minutes. */
  readonly visibilitySeconds?: number;
}

export interface LocalStack {
  readonly url: string;
  readonly port: number;
  readonly issuer: string;
  readonly audience: string;
  readonly dynamoEndpoint: string;
  readonly sqsEndpoint: string;
  readonly region: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string | undefined;
  readonly tableNames: Readonly<Record<TableName, string>>;
  readonly resources: StackResources;
  readonly logFile: string;
  /** Resolves with a reason if a part of it ends by itself. */
  readonly lost: Promise<string>;
  /** Signs a token that this stack accepts. */
  token(claims: TokenClaims): Promise<string>;
  /** Invokes a function (`worker`, `admin-query`, …) directly and gives its result; throws if it fails. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Kills a function's thread with all that runs in it; the next invocation gets a new one. */
  crash(functionName: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything the synthesized template describes, on this machine. */
export async function startStack(options: StackOptions): Promise<LocalStack> {
  const shutdown = new Shutdown();
  try {
    return await start(options, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(options: StackOptions, shutdown: Shutdown): Promise<LocalStack> {
  const { dataDir, host = '127.0.0.1', inMemory = false } = options;
  const http = await listen(options.port, host);
  shutdown.add(() => http.stop(PATIENCE_MS));
  const { port } = http;
  const url = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
  const log = openLog(dataDir, `functions-${port}.log`, options.show ?? 'nothing');
  shutdown.add(() => log.close());

  // Independent of each other; the slow ones are the Java virtual machine and the synthesis, about as long.
  const [issuer, dynamo, queues, build] = await shutdown.all([
    localIssuer(dataDir, port),
    startDynamoDbLocal(inMemory ? undefined : join(dataDir, 'dynamodb')).then(shutdown.stopping),
    startLocalQueues(REGION).then(shutdown.stopping),
    synthesize(join(dataDir, 'build')).then((folder) => {
      shutdown.add(() => rm(folder, { recursive: true, force: true }));
      return folder;
    }),
  ]);

  const resources = stackResources(resolveTemplates(readTemplates(build), {
    region: REGION,
    accountId: ACCOUNT,
    // The template wants https here; over loopback there is nobody to listen in.
    parameters: {
      TokenIssuer: issuer.issuer,
      TokenAudience: issuer.audience,
      TokenJwksUrl: `${url}${JWKS_PATH}`,
      ...options.parameters,
    },
    queueUrl: (name) => queueUrl(queues.endpoint, ACCOUNT, name),
  }), (name) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`);

  const endpoints = { region: REGION, dynamoDb: dynamo.endpoint, sqs: queues.endpoint };
  const functions = resources.functions.map((fn) =>
    new LocalFunction(fn, build, functionEnvironment(fn, endpoints, options.functionEnv ?? {}), log.write));
  shutdown.add(async () => { await Promise.all(functions.map((fn) => fn.stop())); });
  const byArn = (arn: string): LocalFunction => {
    const found = functions.find((fn) => fn.resource.arn === arn);
    if (found === undefined) throw new Error(`the template refers to a function it does not have: ${arn}`);
    return found;
  };
  const byName = (name: string) => functions.find(({ resource }) => resource.shortName === name || resource.name === name);

  const dynamoClient = new DynamoDBClient({ region: REGION, endpoint: dynamo.endpoint, credentials: CREDENTIALS });
  const sqsClient = new SQSClient({ region: REGION, endpoint: queues.endpoint, credentials: CREDENTIALS });
  const [tables] = await Promise.all([
    createTables(dynamoClient, resources.tables),
    createQueues(sqsClient, resources.queues, options.visibilitySeconds),
    ...functions.map((fn) => fn.warm()),
  ]);
  dynamoClient.destroy();

  const gateway = new Gateway(resources, byArn);
  // The functions need the key set from the first invocation on.
  http.open([jwksRoute(issuer.jwks), invokeRoute(byName), (request) => gateway.answer(request)]);
  // The queues forgot what they held; the inbox did not.
  if (tables.found) await byName('sweeper')?.invoke({ action: 'requeue' });
  for (const mapping of resources.mappings) {
    const name = mapping.queueArn.split(':').at(-1)!;
    const poller = new QueuePoller(sqsClient, queueUrl(queues.endpoint, ACCOUNT, name), mapping, byArn(mapping.functionArn));
    shutdown.add(() => poller.stop());
  }
  for (const schedule of resources.schedules) {
    const end = runSchedule(schedule, byArn(schedule.functionArn), REGION);
    shutdown.add(async () => end());
  }

  const deadLetters = resources.queues.find((queue) => queue.RedrivePolicy === undefined)?.QueueName;
  return {
    url,
    port,
    issuer: issuer.issuer,
    audience: issuer.audience,
    dynamoEndpoint: dynamo.endpoint,
    sqsEndpoint: queues.endpoint,
    region: REGION,
    queueUrl: environmentValue(resources, ENV.queueUrl),
    deadLetterQueueUrl: deadLetters === undefined ? undefined : queueUrl(queues.endpoint, ACCOUNT, deadLetters),
    tableNames: tableNames(resources),
    resources,
    logFile: log.file,
    lost: dynamo.lost,
    token: (claims) => issuer.sign(claims),
    invoke: async (name, event) => payloadOf(name, await byName(name)?.invoke(event)),
    crash: async (name) => { await byName(name)?.crash(); },
    stop: () => shutdown.run(),
  };
}

function payloadOf(name: string, outcome: Outcome | undefined): unknown {
  if (outcome === undefined) throw new Error(`there is no function ${name}`);
  if (outcome.kind === 'failed') throw new Error(`${name}: ${outcome.message}`);
  return outcome.payload;
}

function tableNames(resources: StackResources): Record<TableName, string> {
  const names = Object.entries(TABLE_ENV).map(([table, variable]) => [table, environmentValue(resources, variable)]);
  return Object.fromEntries(names) as Record<TableName, string>;
}

/** The template tells names only to functions. */
function environmentValue(resources: StackResources, variable: string): string {
  const value = resources.functions.map((fn) => fn.environment[variable]).find((found) => found !== undefined);
  if (value === undefined) throw new Error(`no function of the template has ${variable}`);
  return value;
}
