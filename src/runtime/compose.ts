import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createDynamo } from '../adapters/dynamodb/stores.ts';
import { createSqsClient } from '../adapters/sqs/client.ts';
import { createQueue } from '../adapters/sqs/queue.ts';
import { systemClock as clock } from '../adapters/system/clock.ts';
import { systemIds as ids } from '../adapters/system/ids.ts';
import { civic } from '../domain/civic.ts';
import type { Deps } from '../service/deps.ts';
import type { InvocationReport, Report } from '../service/ports/report.ts';
import { ENV, TABLE_ENV, type TableName } from './env.ts';
import { createReport } from './report.ts';
import { ConfigurationError, epoch, tableNames, type Environment } from './settings.ts';

/** The domain that the functions run. */
export const DOMAIN = civic;

/** Which table stands behind a port. */
const PORT_TABLES = {
  log: 'scopeLog',
  entities: 'entities',
  actions: 'offlineActionsLog',
  conflicts: 'syncConflicts',
  inbox: 'uploadInbox',
  devices: 'clientSyncState',
  attachments: 'attachments',
} as const satisfies Partial<Record<keyof Deps, TableName>>;

/**
 * All that the use cases run on, from a function's environment. A port whose table or queue the function was not given
 * throws at its first use and says which variable is missing.
 *
 * @throws ConfigurationError
 */
export function composeDeps(env: Environment, report: Report, compareLines: Deps['engine']['compareLines'] = neverMerges): Deps {
  const given = tableNames(env);
  const names = Object.fromEntries(Object.keys(TABLE_ENV).map((table) => [table, given[table as TableName] ?? ''])) as Record<TableName, string>;
  const client = createDynamoClient({}, (kind, units) => report.count(`${kind}_units`, units));
  const ports = createDynamo({ client, tables: names, clock, ids });
  const absent = Object.entries(PORT_TABLES).filter(([, table]) => given[table] === undefined);
  const queueUrl = env[ENV.queueUrl];
  return {
    ...ports,
    ...Object.fromEntries(absent.map(([port, table]) => [port, absentPort(TABLE_ENV[table])])),
    // Only two functions have it, and its code: compose-admin.ts.
    usage: absentPort(TABLE_ENV.usage),
    queue: queueUrl ? createQueue({ client: createSqsClient(), queueUrl, ids }) : absentPort(ENV.queueUrl),
    clock,
    ids,
    report,
    engine: { domain: DOMAIN, compareLines, conflictIdOf: (user, clientId) => ids.hash(`conflict\n${user}\n${clientId}`) },
    epoch: epoch(env),
  };
}

/** Only a worker plans: the library that compares texts is in no other function. */
function neverMerges(): never {
  throw new ConfigurationError('this function merges no texts');
}

function absentPort<Port extends object>(variable: string): Port {
  return new Proxy({} as Port, {
    get(_, method) {
      throw new ConfigurationError(`${variable} is not set, and ${String(method)} needs it`);
    },
  });
}

/** What a function runs on; `deps` are made at the first call, so that a mistake of the deployment is reported too. */
export type Runtime = { report: InvocationReport; deps: () => Deps };

export function composeRuntime(env: Environment, compareLines?: Deps['engine']['compareLines']): Runtime {
  const report = createReport();
  return { report, deps: once(() => composeDeps(env, report, compareLines)) };
}

/** Makes it at the first call and keeps it. After an error the next call tries again. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
