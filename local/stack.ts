import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ENV, TABLE_ENV, type TableName } from '../src/runtime/env.ts';
import { createTables } from './dynamodb/create-tables.ts';
import { consoleFiles } from '../tools/build-console.ts';
import { consoleRoute } from './gateway/console-route.ts';
import { Gateway } from './gateway/gateway.ts';
import { invokeRoute, jwksRoute, placesRoute } from './gateway/local-routes.ts';
import { listen, type Answerer } from './gateway/server.ts';
import { assetFolder, functionEnvironment } from './lambda/environment.ts';
import { announce } from './s3/announce.ts';
import { LocalFunctions } from './lambda/local-functions.ts';
import { runSchedule } from './lambda/schedule.ts';
import { startConnections, startLive } from './live/start-live.ts';
import { openLog } from './log.ts';
import { createQueues } from './queue/local-queues.ts';
import { QueuePoller } from './queue/poller.ts';
import { functionArn, REGION, ACCOUNT, startServices, type LocalServices } from './services.ts';
import { Shutdown } from './shutdown.ts';
import type { LocalStack, StackOptions } from './stack-types.ts';
import { stackResources } from './template/read-resources.ts';
import type { FunctionResource, StackResources } from './template/resources.ts';
import { synthesize } from './template/synthesize.ts';
import { readTemplates, resolveTemplates } from './template/template.ts';
import { JWKS_PATH, localIssuer } from './token/local-issuer.ts';
import { signInRoutes } from './token/sign-in.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
/** How long a stop waits for requests that are under way. */
const PATIENCE_MS = 5_000;

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
  const { dataDir, host = '127.0.0.1' } = options;
  const http = await listen(options.port, host);
  shutdown.add(() => http.stop(PATIENCE_MS));
  const url = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${http.port}`;
  const log = openLog(dataDir, `functions-${http.port}.log`, options.show ?? 'nothing');
  shutdown.add(() => log.close());

  // Side by side: the Java virtual machine and the synthesis take most of the time. Where the first is missing or has
  // its data in use, whoever waits hears of it at once.
  const hopeless = new AbortController();
  const [issuer, services, build, page] = await shutdown.all([
    localIssuer(dataDir, http.port),
    startServices(options, shutdown, (caller, refusal) => log.write(caller, `refused by lib/access.ts: ${refusal}`))
      .catch((error: unknown) => { hopeless.abort(); throw error; }),
    synthesize(join(dataDir, 'build'), hopeless.signal).then((folder) => {
      shutdown.add(() => rm(folder, { recursive: true, force: true }));
      return folder;
    }),
    consoleFiles(),
  ]);
  const resolved = resolveTemplates(readTemplates(build), {
    region: REGION,
    accountId: ACCOUNT,
    // The template wants https here; over loopback there is nobody to listen in.
    parameters: {
      TokenIssuer: issuer.issuer,
      TokenAudience: issuer.audience,
      TokenJwksUrl: `${url}${JWKS_PATH}`,
      ...options.parameters,
    },
    queueUrl: services.guardedQueueUrl,
  });
  const resources = stackResources(resolved, functionArn);
  services.permit(resources.functions, resolved);

  const { connections, endpoint: liveEndpoint } = await startConnections(resources, services, options, shutdown);
  const endpoints = { region: REGION, dynamoDb: services.guardedDynamoEndpoint, sqs: services.guardedSqsEndpoint, s3: services.objects.endpoint };
  const functions = new LocalFunctions(resources.functions, build,
    (fn) => functionEnvironment(fn, endpoints, { LAMBDA_TASK_ROOT: assetFolder(build, fn), ...overrides(options, fn, liveEndpoint) }), log.write);
  shutdown.add(() => functions.stop());
  const [{ found: hasOldData }, sqs] = await Promise.all([
    makeTables(services, resources),
    makeQueues(services, resources, options),
    functions.warm(),
    services.objects.open(resources.buckets, (arrival) => announce(arrival, resources, functions.byArn, options.chaos?.hear)),
  ]);

  const deadLetters = resources.queues.find((queue) => queue.RedrivePolicy === undefined)?.QueueName;
  const places = {
    /** The database itself: calls from outside are not checked against any role. */
    dynamoEndpoint: services.dynamoEndpoint,
    sqsEndpoint: services.sqsEndpoint,
    objectsEndpoint: services.objects.endpoint,
    region: REGION,
    queueUrl: services.queueUrl(environmentValue(resources, ENV.queueUrl).split('/').at(-1)!),
    deadLetterQueueUrl: deadLetters === undefined ? undefined : services.queueUrl(deadLetters),
    tableNames: tableNames(resources),
  };
  const gateway = new Gateway(resources, functions.byArn);
  const api: Answerer = (request) => gateway.answer(request);
  const live = await startLive(resources, functions, services, connections, options, shutdown);
  // Now, and not later: functions fetch the key set with their first token.
  http.open([
    jwksRoute(issuer.jwks),
    signInRoutes(issuer),
    consoleRoute(page, issuer.issuer),
    placesRoute(places),
    invokeRoute(functions.byName),
    options.chaos?.network?.(api) ?? api,
  ], live.upgrade);
  for (const mapping of resources.mappings) {
    const queueName = mapping.queueArn.split(':').at(-1)!;
    const fn = functions.byArn(mapping.functionArn);
    const deliver = options.chaos?.deliver;
    const target = deliver ? { invoke: (event: unknown) => deliver(fn.resource.shortName, event, (it) => fn.invoke(it)) } : fn;
    const poller = new QueuePoller(sqs, services.queueUrl(queueName), mapping, target);
    shutdown.add(() => poller.stop());
  }
  for (const schedule of resources.schedules) {
    const end = runSchedule(schedule, functions.byArn(schedule.functionArn), REGION);
    shutdown.add(async () => end());
  }
  // The queues forgot what they held; the inbox did not.
  if (hasOldData) {
    await requeue(functions)
      .catch((error: unknown) => log.write('sweeper', `could not queue the inbox again: ${String(error)}`));
  }
  // Once more, to be the first step of a stop: requests under way still need all the rest.
  shutdown.add(() => http.stop(PATIENCE_MS));
  // Before that even: a server waits for its WebSockets too.
  shutdown.add(async () => live.stop());

  return {
    url,
    liveUrl: `${url.replace(/^http/, 'ws')}/${resources.live.stage}`,
    port: http.port,
    issuer: issuer.issuer,
    audience: issuer.audience,
    ...places,
    resources,
    logFile: log.file,
    get refusals() {
      return services.refusals;
    },
    lost: services.lost,
    token: (claims) => issuer.sign(claims),
    invoke: (name, event) => functions.invoke(name, event),
    crash: async (name) => { await functions.byName(name)?.crash(); },
    freeze: (name, ms) => functions.byName(name)?.freeze(ms),
    cutConnections: () => connections.cut(),
    stop: () => shutdown.run(),
  };
}

function overrides({ functionEnv, visibilitySeconds }: StackOptions, { environment }: FunctionResource, liveEndpoint: string): Record<string, string> {
  return {
    ...(ENV.liveEndpoint in environment && { [ENV.liveEndpoint]: liveEndpoint }),
    ...(visibilitySeconds !== undefined && { [ENV.visibilitySeconds]: String(visibilitySeconds) }),
    ...functionEnv,
  };
}

async function makeTables(services: LocalServices, resources: StackResources): Promise<{ found: boolean }> {
  const client = new DynamoDBClient({ region: REGION, endpoint: services.dynamoEndpoint, credentials: CREDENTIALS });
  try {
    return await createTables(client, resources.tables);
  } finally {
    client.destroy();
  }
}

async function makeQueues(
  services: LocalServices, resources: StackResources, options: StackOptions,
): Promise<SQSClient> {
  const client = new SQSClient({ region: REGION, endpoint: services.sqsEndpoint, credentials: CREDENTIALS });
  await createQueues(client, resources.queues, options);
  return client;
}

/** As ops do: until nothing is left. */
async function requeue(functions: LocalFunctions): Promise<void> {
  let after: string | undefined;
  do {
    const event = { action: 'requeue', ...(after === undefined ? {} : { after }) };
    after = (await functions.invoke('sweeper', event) as { next?: string }).next;
  } while (after !== undefined);
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
