import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { functionEnvironment } from '../../local/lambda/environment.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { bundleFunctions } from '../../tools/bundle-functions.ts';
import type { Figure, Progress, Report } from '../report/figure.ts';
import { Stage } from '../stage/stage.ts';
import { seedScope } from '../workload/seed.ts';
import { textOf } from '../workload/texts.ts';

const run = promisify(execFile);

const PROBE = join(import.meta.dirname, '../probe/memory.cjs');
const GOAL_MB = 256;
const DEPARTMENT = 'large';
/** Characters of a record's text, so that some 800 fill a page and 500 fill an upload. */
const TEXT = 5000;
/** The same a few times: what one invocation leaves behind counts for the next. */
const TIMES = 3;

/** How much memory the largest requests take in the functions that serve them, each in a process of its own. */
export async function memory(progress: Progress): Promise<Report> {
  const stage = await Stage.start();
  try {
    progress('a scope of large records');
    await seedLarge(stage);
    const officer = await stage.stack.token({ sub: stage.uuid(), role: 'officer', departments: [DEPARTMENT] });
    progress('downloads of 4 MiB');
    const pages = await megabytes(stage, 'download', Array.from({ length: TIMES }, () => downloadEvent(officer, stage.uuid())));
    progress(`uploads of ${LIMITS.actionsPerUpload} actions, 4 MiB`);
    const uploads = await megabytes(stage, 'upload', Array.from({ length: TIMES }, () => uploadEvent(stage, officer)));
    return { figures: [figure('download_4mib_memory_mb', pages), figure('upload_500_actions_memory_mb', uploads)], tables: [] };
  } finally {
    await stage.stop();
  }
}

async function seedLarge(stage: Stage): Promise<void> {
  const { tableNames } = stage.stack;
  const client = stage.dynamo();
  const notes = textOf(1, TEXT);
  await seedScope(client, tableNames, DEPARTMENT, 1000, (i) => ({ department: DEPARTMENT, title: `Task ${i}`, notes: `${i} ${notes}` }));
  client.destroy();
}

function downloadEvent(token: string, device: string): object {
  return { ...request('GET', 'download', token), queryStringParameters: { device_id: device, limit: '1000' } };
}

function uploadEvent(stage: Stage, token: string): object {
  const actions = Array.from({ length: LIMITS.actionsPerUpload }, (_, i) => ({
    client_id: stage.uuid(), action_type: 'create_task', entity_type: 'task',
    data: { department: DEPARTMENT, title: `New ${i}`, notes: textOf(i, TEXT - 100) }, base: { notes: textOf(i, TEXT / 2) },
  }));
  const event = request('POST', 'upload', token);
  return { ...event, headers: { ...event.headers, prefer: 'respond-async' }, body: JSON.stringify({ device_id: stage.uuid(), actions }) };
}

function request(method: string, name: string, token: string) {
  return {
    routeKey: `${method} /api/v1/sync/${name}`, rawPath: `/api/v1/sync/${name}`, isBase64Encoded: false,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'accept-encoding': 'gzip' },
    requestContext: { requestId: 'probe', http: { method } },
  };
}

async function megabytes(stage: Stage, name: string, events: readonly object[]): Promise<number> {
  const { stack } = stage;
  const fn = stack.resources.functions.find(({ shortName }) => shortName === name);
  if (!fn) throw new Error(`there is no function ${name}`);
  const folder = await mkdtemp(join(tmpdir(), 'fieldsync-memory-'));
  try {
    const file = join(folder, 'probe.json');
    await writeFile(file, JSON.stringify({ bundle: join(await bundleFunctions(), name, 'index.cjs'), events }));
    const env = functionEnvironment(fn, { region: stack.region, dynamoDb: stack.dynamoEndpoint, sqs: stack.sqsEndpoint, s3: stack.objectsEndpoint }, {});
    const { stderr } = await run(process.execPath, [PROBE, file], { env, maxBuffer: 2 ** 26 });
    const { statuses, megabytes: most } = JSON.parse(stderr.slice(stderr.lastIndexOf('{"statuses"'))) as { statuses: number[]; megabytes: number };
    if (statuses.some((status) => status >= 300)) throw new Error(`${name} answered ${statuses.join(', ')}`);
    return most;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Resident memory depends on when Node collects its garbage. */
function figure(name: string, value: number): Figure {
  return { name, value, unit: 'MB', goal: GOAL_MB, timed: true };
}
