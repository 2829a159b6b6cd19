import { verifyMain } from '../verify.ts';
import { argumentsOf } from './arguments.ts';
import { backendFor, type Backend, type Target } from './backend.ts';
import { CHANGES, LISTINGS, type Listing, type Option } from './commands.ts';
import { CommandProblem, EXIT, misused } from './command-problem.ts';
import { erase } from './erase.ts';
import { helpFor, HELP } from './help.ts';
import { card, table } from './show.ts';

/** What was typed: values of options by name. */
export type Given = Partial<Record<Option, string | boolean>>;

type Row = Record<string, unknown>;
type Asked = { backend: Backend; given: Given; names: string[]; json: boolean };

/** `npm run admin -- <command>`. */
export async function adminMain(args: string[]): Promise<void> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') console.log(HELP);
    else if (name === 'verify') await verifyMain(rest);
    else await run(name, rest);
  } catch (error) {
    if (!(error instanceof CommandProblem)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}

async function run(name: string, args: string[]): Promise<void> {
  const taken = LISTINGS[name] ?? CHANGES[name];
  if (taken === undefined) throw misused(`There is no command ${name}. See: npm run admin -- --help`);
  const { values, positionals } = argumentsOf(name, args, taken);
  if (values.help === true) {
    console.log(helpFor(name));
    return;
  }
  const given = Object.fromEntries(taken.options.flatMap((option) => (values[option] === undefined ? [] : [[option, values[option]]]))) as Given;
  const asked = { given, names: positionals, json: values.json === true };
  const listing = LISTINGS[name];
  if (listing) refuseIncomplete(name, listing, asked.given, positionals);
  if (name === 'erase') {
    if (positionals.length > 0) throw misused(`erase takes no ${positionals[0]}: name the person with --user.`);
    await erase({ user: text(given.user), stage: text(values['stage']), url: text(values['url']), yes: given.yes === true, json: asked.json });
    return;
  }
  const backend = await backendFor(values as Target);
  if (listing) await list(listing, { backend, ...asked });
  else if (name === 'batch') await showBatch({ backend, ...asked });
  else if (name === 'resolve') await resolve({ backend, ...asked });
  else await redrive(name === 'discard', { backend, ...asked });
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function refuseIncomplete(name: string, { needs = [] }: Listing, given: Given, positionals: readonly string[]): void {
  const missing = needs.filter((option) => given[option] === undefined);
  if (missing.length > 0) throw misused(`${name} needs ${missing.map((option) => `--${option}`).join(' and ')}. See: npm run admin -- ${name} --help`);
  if (positionals.length > 0) throw misused(`${name} takes no ${positionals[0]}. See: npm run admin -- ${name} --help`);
}

async function list(listing: Listing, { backend, given, json }: Asked): Promise<void> {
  let cursor = given.cursor;
  let shown = 0;
  for (;;) {
    const page = await backend({ path: '/admin/query', body: { query: listing.query, params: paramsOf(listing, given), limit: limitOf(given), cursor } });
    const rows = page['rows'] as Row[];
    const next = page['next_cursor'] as string | null;
    const last = next === null || given.every !== true;
    if (json) for (const row of rows) console.log(JSON.stringify(row));
    else if (rows.length > 0 || (last && shown === 0)) console.log(listing.columns ? table(rows, listing.columns) : rows.map(card).join('\n\n') || '(nothing)');
    shown += rows.length;
    if (!json && last && page['summary'] !== undefined) console.log(`\n${card(page['summary'] as Row)}`);
    if (next !== null && last) console.error(`There is more: --every, or --cursor ${next}`);
    if (last) return;
    cursor = next;
  }
}

/** Options as the query's parameters. */
export function paramsOf({ query, details }: Pick<Listing, 'query' | 'details'>, given: Given): Record<string, unknown> {
  const id = query === 'action' ? { client_id: given.id } : { entity_id: given.id };
  const all = {
    user: given.user, device_id: given.device, entity_type: given.type, ...id, home: given.home, status: given.status,
    since: timeOf('since', given.since), until: timeOf('until', given.until), ...(details ? { details } : {}),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A day means its beginning, in UTC. */
function timeOf(name: string, text: string | boolean | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(String(text));
  if (Number.isNaN(time)) throw misused(`--${name} ${text} is not a time such as 2026-11-25T08:00:00Z or 2026-11-25.`);
  return new Date(time).toISOString();
}

function limitOf({ limit, every }: Given): number | undefined {
  if (limit === undefined) return every === true ? 200 : undefined;
  if (!/^\d{1,3}$/.test(String(limit))) throw misused(`--limit ${limit} is not a number from 1 to 200.`);
  return Number(limit);
}

async function showBatch({ backend, names, json }: Asked): Promise<void> {
  const [id] = names;
  if (id === undefined || names.length > 1) throw misused('batch needs one batch_id, as pending and failed show them.');
  const { rows } = await backend({ path: '/admin/query', body: { query: 'batch', params: { batch_id: id } } }) as { rows: Row[] };
  if (rows.length === 0) throw new CommandProblem('There is no such batch: it is done, or never was.', EXIT.refused);
  console.log(json ? rows.map((row) => JSON.stringify(row)).join('\n') : rows.map(card).join('\n\n'));
}

async function redrive(discard: boolean, { backend, given, names, json }: Asked): Promise<void> {
  const word = discard ? 'discard' : 'redrive';
  if ((names.length > 0) === (given.all === true)) throw misused(`${word} needs batch_ids, or --all.`);
  // What can't be undone, or is about everybody, is done at the second asking.
  if (given.yes !== true && (discard || given.all === true)) {
    const { rows } = await backend({ path: '/admin/query', body: { query: 'overview' } }) as { rows: Row[] };
    const what = names.length > 0 ? `${names.length} batch(es)` : `every dead batch: ${String(rows[0]?.['failed'])} actions`;
    throw new CommandProblem(`This would ${word} ${what}. ${discard ? 'It can’t be undone. ' : ''}Add --yes to do it.`, EXIT.usage);
  }
  const body = { ...(given.all === true ? { all: true } : { batch_ids: names }), ...(discard ? { discard: true } : {}) };
  const answer = await backend({ path: '/admin/redrive', body });
  console.log(json ? JSON.stringify(answer) : `${String(answer['redriven'])} redriven, ${String(answer['discarded'])} discarded`);
}

async function resolve({ backend, given, names, json }: Asked): Promise<void> {
  const [id] = names;
  if (id === undefined || names.length > 1) throw misused('resolve needs one conflict id, as conflicts shows them.');
  const version = given.version === undefined ? {} : { server_version: Number(given.version) };
  const answer = await backend({
    path: '/sync/resolve-conflict',
    body: { conflict_id: id, strategy: given.strategy, ...(given.data === undefined ? {} : { resolved_data: jsonOf(String(given.data)) }), ...version },
  });
  console.log(json ? JSON.stringify(answer) : card(answer['conflict'] as Row));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw misused('--data is not JSON.');
  }
}
