import { parseArgs } from 'node:util';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { compareLines } from '../src/adapters/diff3/compare-lines.ts';
import { createDynamoClient } from '../src/adapters/dynamodb/client.ts';
import { createDynamo, type TableNames } from '../src/adapters/dynamodb/stores.ts';
import { systemClock as clock } from '../src/adapters/system/clock.ts';
import { systemIds as ids } from '../src/adapters/system/ids.ts';
import { civic } from '../src/domain/civic.ts';
import { verifyAll, verifyScope, type Verification, type VerifyDeps } from '../src/service/verify.ts';
import { LOCAL_CREDENTIALS, localPlaces, localUrl, tablesOf } from './tables.ts';

const HELP = `Walks logs and says whether they are whole and their views agree. Changes nothing.

  npm run verify -- --scope user:alice           a scope of the local stack that runs on PORT (default 3000)
  npm run verify -- --all                        every scope, one after the other
  npm run verify -- --all --tables fieldsync-prod
                                                 on AWS: the tables fieldsync-prod-scope_log, fieldsync-prod-entities, …
                                                 with region and credentials from the surroundings, as for the AWS CLI
  npm run verify -- --all --json                 one line of JSON per scope

Ends with 0 if nothing is damaged, else with 1. "behind" is work that is still to be done: if it stays, start the sweeper
with {"action":"requeue"}. It reads every row of a scope, strongly consistent.
`;

/** `npm run verify`. */
export async function verifyMain(args: string[]): Promise<void> {
  const asked = flags(args);
  if (asked === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const deps = asked.tables === undefined ? await localDeps() : depsOf({}, tablesOf(asked.tables));
  let damaged = 0;
  let scopes = 0;
  for await (const verification of readable(asked.all ? verifyAll(deps) : one(deps, asked.scope ?? ''))) {
    scopes++;
    if (verification.findings.some(({ weight }) => weight === 'damage')) damaged++;
    console.log(asked.json ? JSON.stringify(verification) : inWords(verification));
  }
  if (!asked.json) console.log(damaged === 0 ? `${scopes} scopes, none damaged` : `${damaged} of ${scopes} scopes DAMAGED`);
  process.exitCode = damaged === 0 ? 0 : 1;
}

async function* one(deps: VerifyDeps, scope: string): AsyncGenerator<Verification> {
  yield await verifyScope(deps, scope);
}

/** What the database says when it can't be read is for people too: no such table, no right to read it, no credentials. */
async function* readable(verifications: AsyncGenerator<Verification>): AsyncGenerator<Verification> {
  try {
    yield* verifications;
  } catch (error) {
    const { message, cause } = error as Error;
    throw fault(`The tables could not be read: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`);
  }
}

function inWords({ scope, commits, applied, records, outcomes, conflicts, older, findings }: Verification): string {
  const log = commits.count === 0 ? 'no commits' : `${commits.count} commits from ${commits.first} to ${commits.last}, applied ${applied}`;
  const rows = `${records} records, ${outcomes} outcomes, ${conflicts} conflicts`;
  const past = older > 0 ? ` (${older} records are older than the log and can't be compared)` : '';
  const lines = findings.map(({ weight, kind, at, detail }) => `  ${weight}: ${kind} at ${at}: ${detail}`);
  return [`${scope}: ${log}; ${rows}${past}${findings.length === 0 ? ': whole' : ''}`, ...lines].join('\n');
}

async function localDeps(): Promise<VerifyDeps> {
  const places = await localPlaces();
  if (!places) throw fault(`No local stack answers on ${localUrl()}. Start it with npm start, or name tables on AWS with --tables.`);
  return depsOf({ region: places.region, endpoint: places.dynamoEndpoint, credentials: LOCAL_CREDENTIALS }, places.tableNames);
}

function depsOf(config: DynamoDBClientConfig, tables: TableNames): VerifyDeps {
  const stores = createDynamo({ client: createDynamoClient(config), tables, clock, ids });
  return { ...stores, clock, engine: { domain: civic, compareLines, conflictIdOf: () => '' } };
}

type Asked = { scope?: string | undefined; all: boolean; json: boolean; tables?: string | undefined };

function flags(args: string[]): Asked | 'help' {
  const options = {
    scope: { type: 'string' }, all: { type: 'boolean' }, tables: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw fault((error as Error).message);
  }
  const { scope, all = false, tables, json = false, help } = values;
  if (help === true) return 'help';
  if ((scope === undefined) === !all) throw fault('Name one scope with --scope, or take --all. See: npm run verify -- --help');
  return { scope, all, json, tables };
}

/** A mistake that is explained without a stack trace (launch.js). */
function fault(message: string): Error {
  return Object.assign(new Error(message), { name: 'StartProblem' });
}
