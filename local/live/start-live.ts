import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { accessKeyOf } from '../access/access-guard.ts';
import type { LocalFunctions } from '../lambda/local-functions.ts';
import { ACCOUNT, REGION, type LocalServices } from '../services.ts';
import type { Shutdown } from '../shutdown.ts';
import type { StackOptions } from '../stack-types.ts';
import { LOOK_MS, StreamPoller } from '../stream/stream-poller.ts';
import type { StackResources, StreamResource } from '../template/resources.ts';
import { LocalConnections } from './connections.ts';
import { LiveGateway } from './live-gateway.ts';
import { startManagement } from './management.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
/** What a mapping does with a stream, in the name of the function that it feeds. */
const STREAM_READS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

/** The connections of the stack, and where functions manage them. */
export async function startConnections(
  { live }: StackResources, services: LocalServices, options: StackOptions, shutdown: Shutdown,
): Promise<{ connections: LocalConnections; endpoint: string }> {
  const connections = new LocalConnections();
  const { endpoint } = shutdown.stopping(await startManagement({
    connections,
    arn: (stage, method, id) => `arn:aws:execute-api:${REGION}:${ACCOUNT}:${live.apiId}/${stage}/${method}/@connections/${id}`,
    refuse: services.refuse,
    ...(options.chaos?.sockets && { chaos: options.chaos.sockets.bind(options.chaos) }),
  }));
  return { connections, endpoint: `${endpoint}/${live.stage}` };
}

/** Opens `/live` and lets streams feed their functions. Tables must be there. */
export async function startLive(
  resources: StackResources, functions: LocalFunctions, services: LocalServices, connections: LocalConnections,
  options: StackOptions, shutdown: Shutdown,
): Promise<LiveGateway> {
  const gateway = new LiveGateway(resources.live, functions.byArn, connections, options.chaos?.live?.bind(options.chaos));
  const settings = { region: REGION, endpoint: services.dynamoEndpoint, credentials: CREDENTIALS };
  const streams = new DynamoDBStreamsClient(settings);
  shutdown.add(async () => streams.destroy());
  for (const mapping of resources.streams) {
    const fn = functions.byArn(mapping.functionArn);
    const { shortName } = fn.resource;
    const needs = STREAM_READS.map((read) => ({ action: `dynamodb:${read}`, resource: mapping.streamArn }));
    // On AWS the mapping could not be made: nothing comes through it then.
    if (services.refuse(accessKeyOf(shortName), needs) !== undefined) continue;
    const hook = options.chaos?.stream?.bind(options.chaos);
    const target = hook ? { invoke: (event: unknown) => hook(shortName, event, (it) => fn.invoke(it)) } : fn;
    // Whose events come in windows of a minute has time.
    const lookMs = () => (connections.size > 0 && !mapping.namesShard ? LOOK_MS.busy : LOOK_MS.idle);
    shutdown.stopping(new StreamPoller(streams, await streamArnOf(mapping, settings), mapping, target, lookMs));
  }
  return gateway;
}

async function streamArnOf({ tableName }: StreamResource, settings: ConstructorParameters<typeof DynamoDBClient>[0]): Promise<string> {
  const client = new DynamoDBClient(settings!);
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    if (Table?.LatestStreamArn === undefined) throw new Error(`the table ${tableName} has no stream`);
    return Table.LatestStreamArn;
  } finally {
    client.destroy();
  }
}
