import { parseArgs } from 'node:util';
import { settingsFrom } from '../settings.ts';
import { StartProblem } from '../start-problem.ts';
import { durationSeconds } from './duration.ts';
import { localIssuer, type TokenClaims } from './local-issuer.ts';

const HELP = `Prints a token for the local stack, and nothing else.

  npm run --silent token -- --sub alice --role citizen
  npm run --silent token -- --sub olga --role officer --departments roads,water
  npm run --silent token -- --sub root --role admin --expires 15m

  --sub          who it is for (required)
  --role         citizen, officer or admin (required; others are signed too, and the API refuses them)
  --departments  comma-separated slugs, for officers
  --expires      how long it is valid: 90s, 15m, 8h (default), 2d; --expires=-1h gives an expired one
  --help         this text

Environment: PORT (default 3000) and FIELDSYNC_DATA_DIR (default .local), the same as for npm start.
`;

export async function tokenMain(args: string[]): Promise<void> {
  const options = parse(args);
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const { port, dataDir } = settingsFrom(process.env);
  const issuer = await localIssuer(dataDir, port);
  process.stdout.write(`${await issuer.sign(options)}\n`);
}

function parse(args: string[]): TokenClaims | 'help' {
  const { help, sub, role, departments, expires } = flags(args);
  if (help === true) return 'help';
  if (!sub) throw new StartProblem('--sub is missing: whom is the token for? For example: --sub alice --role citizen');
  if (!role) throw new StartProblem('--role is missing: citizen, officer or admin. For example: --role citizen');
  const expiresInSeconds = expires === undefined ? undefined : durationSeconds(expires);
  if (expires !== undefined && expiresInSeconds === undefined) {
    throw new StartProblem(`--expires ${expires} is not a duration: use 90s, 15m, 8h or 2d, or --expires=-1h for the past.`);
  }
  return {
    sub,
    role,
    ...(departments !== undefined && { departments: departments.split(',').map((slug) => slug.trim()).filter(Boolean) }),
    ...(expiresInSeconds !== undefined && { expiresInSeconds }),
  };
}

function flags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        sub: { type: 'string' },
        role: { type: 'string' },
        departments: { type: 'string' },
        expires: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const [first] = (error as Error).message.split('. ');
    throw new StartProblem(`${first}. See: npm run --silent token -- --help`);
  }
}
