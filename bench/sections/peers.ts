import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PeerRow } from '../peers/rows.ts';
import type { Figure, Progress, Report, Table } from '../report/figure.ts';

const exec = promisify(execFile);
const FOLDER = join(import.meta.dirname, '../peers');
/** Zero's server listens on every interface: it runs only where there is none but the loopback of a network of its own. */
const OWN_NETWORK = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'] as const;
const LIMIT_MS = 300_000;

/** The same workload on other sync engines, one after the other on this machine: ratios, no absolute claims. */
export async function peers(progress: Progress): Promise<Report> {
  const { names, skipped } = await present();
  const notes = [...skipped, 'Two devices a person: one sends, the other waits until it holds everything. All data is in memory, clients and servers share this machine.'];
  if (names.length === 0) return { figures: [], tables: [], notes: skipped };
  const rows: PeerRow[] = [];
  for (const name of ['fieldsync', ...names]) {
    progress(name);
    rows.push(await measured(name));
  }
  return { figures: rows.flatMap((row) => figuresOf(row)), tables: [tableOf(rows)], notes };
}

/** Which peers can be run here, and a word for each that can't. */
async function present(): Promise<{ names: string[]; skipped: string[] }> {
  if (!existsSync(join(FOLDER, 'node_modules'))) {
    return { names: [], skipped: ['SKIPPED: the peers are not installed. `npm ci --prefix bench/peers` brings them.'] };
  }
  const { hasPostgres } = await import('../peers/postgres.ts');
  const missing = [
    ...(hasPostgres() ? [] : ['PostgreSQL 15 is not where Debian\'s package "postgresql-15" puts it']),
    ...(await hasOwnNetwork() ? [] : ['this user may not make a network of its own (`unshare --net`), and its server would listen on all interfaces']),
  ];
  if (missing.length === 0) return { names: ['couch', 'zero'], skipped: [] };
  return { names: ['couch'], skipped: [`SKIPPED: Rocicorp Zero: ${missing.join('; ')}.`] };
}

async function hasOwnNetwork(): Promise<boolean> {
  return exec(OWN_NETWORK[0], [...OWN_NETWORK.slice(1), 'true']).then(() => true, () => false);
}

async function measured(name: string): Promise<PeerRow> {
  const command = [process.execPath, join(FOLDER, 'run.ts'), name];
  // All of them in the same network where that is possible, so that they differ in nothing else.
  const [program = '', ...args] = await hasOwnNetwork() ? [...OWN_NETWORK, ...command] : command;
  const { stdout } = await exec(program, args, { timeout: LIMIT_MS, maxBuffer: 1 << 24 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PeerRow;
}

function figuresOf({ name, loads, lagMs }: PeerRow): Figure[] {
  const slug = name.toLowerCase().replaceAll(/[^a-z]+/g, '_');
  const timed = (what: string, value: number, unit: string): Figure => ({ name: `peers.${slug}.${what}`, value, unit, goal: null, timed: true });
  return [
    ...loads.map(({ load, perSecond }) => timed(`${load.replaceAll(' ', '')}.actions_per_second`, perSecond, '1/s')),
    timed('lag_p50_ms', lagMs, 'ms'),
  ];
}

function tableOf(rows: readonly PeerRow[]): Table {
  const ours = rows[0];
  const cells = rows.map(({ name, loads, lagMs }) => [
    name,
    ...loads.flatMap(({ perSecond }, i) => withRatio(perSecond, ours?.loads[i]?.perSecond)),
    ...withRatio(lagMs, ours?.lagMs),
  ]);
  const columns = ['peer', ...(ours?.loads ?? []).flatMap(({ load }) => [`${load}: records/s`, 'to ours']), 'lag ms', 'to ours'];
  return { title: 'Sent by one device and held by another (clients x records a round)', columns, rows: cells };
}

function withRatio(value: number, ours: number | undefined): [string, string] {
  return [value.toFixed(0), ours === undefined ? '' : `${(value / ours).toFixed(2)} x`];
}
