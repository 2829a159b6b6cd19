import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { settingsFrom } from '../settings.ts';
import { startStack } from '../stack.ts';
import { StartProblem } from '../start-problem.ts';
import { localIssuer } from '../token/local-issuer.ts';
import { ApiProblem } from './api.ts';
import { NotAsTold, Screen } from './screen.ts';
import { tell, type Stage } from './story.ts';

const HELP = `Tells what Fieldsync is for, with a real stack: two phones of one citizen edit one report offline, come back,
meet a conflict and settle it; an officer takes the report on. What it shows it also checks: it ends with 1 if something
is not as told.

  npm run demo             on the stack that runs at PORT (3000), else on one of its own that it stops in the end
  PORT=3001 npm run demo   on another one

Everybody in it is new each time, so it can be told again. Environment: PORT, HOST and FIELDSYNC_DATA_DIR, the same as for
npm start; NO_COLOR for plain text.
`;

/** `npm run demo`. */
export async function demoMain(args: string[]): Promise<void> {
  if (wantsHelp(args)) {
    process.stdout.write(HELP);
    return;
  }
  const screen = new Screen();
  const { port, dataDir, host } = settingsFrom(process.env);
  const url = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
  const { stage, where, stop } = (await runningStage(url, port, dataDir)) ?? (await ownStage(url));
  const begun = performance.now();
  try {
    screen.title('Fieldsync: offline phones, one conflict, an officer', where);
    await tell(stage, screen);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    screen.end(`As told: ${screen.facts} facts checked in ${seconds} s.`);
  } catch (error) {
    const sentence = sentenceOf(error, stage.url);
    if (sentence === undefined) throw error;
    console.error(sentence);
    process.exitCode = 1;
  } finally {
    await stop();
  }
}

function sentenceOf(error: unknown, url: string): string | undefined {
  if (error instanceof NotAsTold) return error.message;
  if (!(error instanceof ApiProblem)) return undefined;
  if (error.problem.status !== 401) return `Not as told: the server refused a request (${error.message}).`;
  return `The stack at ${url} does not accept this token: start both with the same FIELDSYNC_DATA_DIR.`;
}

type Place = { stage: Stage; where: string; stop: () => Promise<void> };

/** The stack that listens there, if one does. */
async function runningStage(url: string, port: number, dataDir: string): Promise<Place | undefined> {
  const health = await fetch(`${url}/healthz`).catch(() => undefined);
  if (!health) return undefined;
  const body: unknown = await health.json().catch(() => undefined);
  const isOurs = typeof body === 'object' && body !== null && 'service' in body && body.service === 'fieldsync';
  if (!isOurs) throw new StartProblem(`Something else answers at ${url}. Choose another port: PORT=${port + 1} npm run demo`);
  const issuer = await localIssuer(dataDir, port);
  return { stage: { url, sign: issuer.sign.bind(issuer) }, where: `on the stack at ${url}`, stop: async () => {} };
}

async function ownStage(elsewhere: string): Promise<Place> {
  console.log(`No stack runs at ${elsewhere}: starting one for this demo ...`);
  const dataDir = await mkdtemp(join(tmpdir(), 'fieldsync-demo-'));
  const clean = () => rm(dataDir, { recursive: true, force: true });
  try {
    const stack = await startStack({ port: 0, dataDir, inMemory: true });
    const stop = async () => {
      await stack.stop();
      await clean();
    };
    return { stage: { url: stack.url, sign: stack.token.bind(stack) }, where: `on a stack of its own at ${stack.url}`, stop };
  } catch (error) {
    await clean();
    throw error;
  }
}

function wantsHelp(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } } }).values.help === true;
  } catch (error) {
    const [first] = (error as Error).message.split('. ');
    throw new StartProblem(`${first}. See: npm run demo -- --help`);
  }
}
