import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartProblem } from './start-problem.ts';

/** What the environment decides, for the stack and for the token command alike. */
export interface Settings {
  readonly port: number;
  readonly dataDir: string;
  readonly host: string;
  /** Deploy parameters that are not left to their defaults. */
  readonly parameters: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export function settingsFrom(env: Readonly<Record<string, string | undefined>>): Settings {
  return {
    port: port(env['PORT']),
    dataDir: resolve(ROOT, env['FIELDSYNC_DATA_DIR'] || '.local'),
    host: env['HOST'] || '127.0.0.1',
    parameters: epoch(env['FIELDSYNC_EPOCH']),
  };
}

/** As ops raise it after a restore: `FIELDSYNC_EPOCH=1 npm start`. */
function epoch(text: string | undefined): Record<string, string> {
  if (text === undefined || text === '') return {};
  if (!/^\d{1,6}$/.test(text)) throw new StartProblem(`FIELDSYNC_EPOCH=${text} is not a whole number from 0.`);
  return { Epoch: text };
}

function port(text: string | undefined): number {
  if (text === undefined || text === '') return 3000;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new StartProblem(`PORT=${text} is not a port: use a number from 1 to 65535, such as PORT=3001.`);
  }
  return value;
}
