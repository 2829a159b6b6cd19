import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { settingsFrom } from '../../local/settings.ts';
import { compareLines } from '../../src/adapters/diff3/compare-lines.ts';
import { createDynamoClient } from '../../src/adapters/dynamodb/client.ts';
import { createUsageStore } from '../../src/adapters/dynamodb/usage-store.ts';
import { createErasure } from '../../src/adapters/dynamodb/erasure.ts';
import { createDynamo, type TableNames } from '../../src/adapters/dynamodb/stores.ts';
import { createSqsClient } from '../../src/adapters/sqs/client.ts';
import { createQueue } from '../../src/adapters/sqs/queue.ts';
import { systemClock as clock } from '../../src/adapters/system/clock.ts';
import { systemIds as ids } from '../../src/adapters/system/ids.ts';
import { civic } from '../../src/domain/civic.ts';
import { ENV } from '../../src/runtime/env.ts';
import { epoch as epochOf, tableNames, type Environment } from '../../src/runtime/settings.ts';
import type { Deps } from '../../src/service/deps.ts';
import { SyncError, Trouble } from '../../src/service/errors.ts';
import { erasePerson, type Erased } from '../../src/service/erase.ts';
import type { Erasure } from '../../src/service/ports/erasure.ts';
import type { Report } from '../../src/service/ports/report.ts';
import { LOCAL_CREDENTIALS, localPlaces, localUrl } from '../tables.ts';
import { CommandProblem, EXIT, misused } from './command-problem.ts';
import { card } from './show.ts';

type Aws = { region?: string; credentials?: typeof LOCAL_CREDENTIALS };
type Place = { tables: TableNames; queueUrl: string; epoch: number; dynamo: Aws & { endpoint?: string }; sqs: Aws & { endpoint?: string } };

/** Functions that between them were given every table that tells of a person. */
export const KNOWING = ['worker', 'upload'] as const;

/** What is begun and left is told by the result. */
const SILENT: Report = { info: () => {}, warn: () => {}, alarm: (event) => console.error(`ALARM ${event}`), count: () => {}, measure: () => {} };

/**
 * `npm run admin -- erase`: works on the tables themselves, with the rights of whoever types it. No function of the
 * service may take anything away.
 */
export async function erase(options: { user: string | undefined; stage: string | undefined; url: string | undefined; yes: boolean; json: boolean }): Promise<void> {
  const { user, stage, yes, json } = options;
  if (!user) throw misused('erase needs --user, the sub of whom to forget.');
  if (options.url !== undefined) throw misused('erase works on tables: give --stage, or nothing for the local stack.');
  const { deps, erasure } = partsOf(stage === undefined ? await localPlace() : await deployedPlace(new LambdaClient({}), stage));
  const erased = await erasePerson(deps, erasure, user, { dry: !yes }).catch((error: unknown) => {
    if (error instanceof SyncError) throw new CommandProblem(error.message, EXIT.refused);
    if (error instanceof Trouble) throw new CommandProblem(`${error.message}. What was done is done: erase again.`, EXIT.unavailable);
    if ((error as Error).name === 'AccessDeniedException') throw new CommandProblem(`Not allowed: ${(error as Error).message}. Nothing is lost: with the rights, erase again.`, EXIT.refused);
    throw error;
  });
  tell(erased, yes, json);
}

function tell(erased: Erased, yes: boolean, json: boolean): void {
  const { left, waiting, ...counts } = erased;
  const others = left.map(({ home, type, entityId }) => `${home} ${type} ${entityId}`);
  console.log(json ? JSON.stringify(erased) : card({ ...counts, waiting, changed_of_others: others }));
  if (!yes) throw new CommandProblem('Nothing was erased. Add --yes to do it: it can’t be undone.', EXIT.usage);
  if (waiting > 0) throw new CommandProblem(`${waiting} copies are still shown to others: erase again in a minute.`, EXIT.unavailable);
}

function partsOf({ tables, queueUrl, epoch, dynamo, sqs }: Place): { deps: Deps; erasure: Erasure } {
  const client = createDynamoClient(dynamo);
  const ports = createDynamo({ client, tables, clock, ids });
  const engine = { domain: civic, compareLines, conflictIdOf: () => '' };
  const queue = createQueue({ client: createSqsClient(sqs), queueUrl, ids });
  // Asked by nobody here.
  const usage = createUsageStore(client, tables.usage);
  return { deps: { ...ports, usage, queue, clock, ids, report: SILENT, engine, epoch }, erasure: createErasure(client, tables) };
}

async function localPlace(): Promise<Place> {
  const places = await localPlaces();
  if (!places) throw new CommandProblem(`No local stack answers on ${localUrl()}. Start it with npm start, or name a deployed one with --stage.`, EXIT.unavailable);
  const { region, dynamoEndpoint, sqsEndpoint, queueUrl, tableNames: tables } = places;
  const aws = { region, credentials: LOCAL_CREDENTIALS };
  const epoch = Number(settingsFrom(process.env).parameters['Epoch'] ?? 0);
  return { tables, queueUrl, epoch, dynamo: { ...aws, endpoint: dynamoEndpoint }, sqs: { ...aws, endpoint: sqsEndpoint } };
}

/** The functions of a stage know where its data are, after a restore too. */
export async function deployedPlace(client: Pick<LambdaClient, 'send'>, stage: string): Promise<Place> {
  const environments = await Promise.all(KNOWING.map(async (name) => {
    const FunctionName = `fieldsync-${stage}-${name}`;
    const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName })).catch((error: Error) => {
      throw new CommandProblem(`The settings of ${FunctionName} could not be read: ${error.message}`, EXIT.unavailable);
    });
    return Environment?.Variables ?? {};
  }));
  const env: Environment = Object.assign({}, ...environments);
  return { tables: tableNames(env) as TableNames, queueUrl: env[ENV.queueUrl] ?? '', epoch: epochOf(env), dynamo: {}, sqs: {} };
}
