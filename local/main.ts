import { parseArgs } from 'node:util';
import { machineAddresses } from './addresses.ts';
import { controlled, describe } from './chaos/control.ts';
import { parseChaos } from './chaos/modes.ts';
import { Network } from './chaos/network.ts';
import { seedTown } from './demo/seed.ts';
import { parentGone } from './parent.ts';
import { settingsFrom, type Settings } from './settings.ts';
import type { LocalStack } from './stack-types.ts';
import { startStack } from './stack.ts';
import { StartProblem } from './start-problem.ts';

const HELP = `Starts Fieldsync on this machine: the deployed functions, DynamoDB Local, a queue and a token issuer.

  npm start                                    on http://127.0.0.1:3000, data in .local/
  npm start -- --in-memory                     nothing but the signing key is kept
  npm start -- --demo                          with the data of a small town: devices, conflicts, failed actions
  npm start -- --verbose                       shows every line the functions log
  npm start -- --chaos flaky                   a bad network: flaky, slow, offline, lossy-answers or server-errors,
                                               with ,seed=7 another run of it; docs/chaos.md
  PORT=3001 FIELDSYNC_DATA_DIR=/tmp/b npm start  a second one beside it
  HOST=0.0.0.0 npm start                       lets other devices in, such as a phone

One Ctrl-C stops everything.
`;

/** `npm start`. */
export async function main(args: string[]): Promise<void> {
  const options = flags(args);
  if (options.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const startedAtMs = performance.now();
  const settings = settingsFrom(process.env);
  const network = new Network();
  if (options.chaos !== undefined) network.set(parseChaos(options.chaos));
  if (isOpen(settings.host)) {
    console.warn(`Warning: HOST=${settings.host} lets everyone in who can reach this machine.`);
  }
  console.log('Fieldsync: building the functions and starting the local stack ...');
  // A Ctrl-C while it starts: every part ends with this process.
  const abort = () => process.exit(130);
  process.once('SIGINT', abort).once('SIGTERM', abort);
  const orphaned = parentGone();
  const stack = await startStack({
    ...settings,
    inMemory: options['in-memory'] ?? false,
    show: options.verbose === true ? 'all' : 'warnings',
    chaos: { network: (api) => controlled(network, api), live: (admit) => network.before(admit) },
  });
  network.changed = () => {
    if (network.weather?.mode === 'offline') stack.cutConnections();
  };
  process.off('SIGINT', abort).off('SIGTERM', abort);
  if (options.demo === true) {
    console.log('Filling the stack with a small town ...');
    await seedTown(stack);
  }
  console.log(welcome(stack, settings, (performance.now() - startedAtMs) / 1000));
  if (network.weather !== undefined) {
    console.log(`\nCHAOS IS ON: ${describe(network)}.\nA good network again: curl -X PUT ${stack.url}/.local/chaos -d none`);
  }

  const reason = await Promise.race([stack.lost, orphaned, signal('SIGINT'), signal('SIGTERM')]);
  const asked = reason === 'SIGINT' || reason === 'SIGTERM';
  console.log(asked ? '\nStopping ...' : `\n${reason}. Stopping.`);
  await stack.stop();
  process.exit(asked ? 0 : 1);
}

function isOpen(host: string): boolean {
  return host !== '127.0.0.1' && host !== 'localhost';
}

function signal(name: 'SIGINT' | 'SIGTERM'): Promise<string> {
  return new Promise((resolve) => process.once(name, () => resolve(name)));
}

function welcome(stack: LocalStack, { dataDir, host }: Settings, seconds: number): string {
  const port = stack.port === 3000 ? '' : `PORT=${stack.port} `;
  const others = isOpen(host) ? machineAddresses().map((address) => `\n  other devices  http://${address}:${stack.port}`).join('') : '';
  const folder = process.env['FIELDSYNC_DATA_DIR'] ? `FIELDSYNC_DATA_DIR=${dataDir} ` : '';
  return `Fieldsync is ready on ${stack.url} (after ${seconds.toFixed(1)} s).

  data and logs  ${dataDir}
  DynamoDB       ${stack.dynamoEndpoint}
  all routes     ${stack.url}/docs
  changes        ${stack.liveUrl}
  console        ${stack.url}/console  (for admins; one click signs you in)${others}

Get a token, and try it in another terminal:

  TOKEN=$(${port}${folder}npm run --silent token -- --sub alice --role citizen)
  curl -s ${stack.url}/api/v1/sync/upload -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{"device_id":"phone-1","actions":[{"client_id":"a1","action_type":"create_report","entity_type":"report","data":{"title":"Broken street light","category":"roads"}}]}'
  curl -s "${stack.url}/api/v1/sync/download?device_id=phone-1" -H "Authorization: Bearer $TOKEN"

Ctrl-C stops it.`;
}

function flags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        'in-memory': { type: 'boolean' },
        demo: { type: 'boolean' },
        verbose: { type: 'boolean' },
        chaos: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const [first] = (error as Error).message.split('. ');
    throw new StartProblem(`${first}. See: npm start -- --help`);
  }
}
