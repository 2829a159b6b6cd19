import type { Tally } from '../meter/tally.ts';
import { pricePerMillion, totalOf } from '../price/price.ts';
import * as prices from '../price/prices.ts';
import type { Figure, Progress, Report, Table } from '../report/figure.ts';
import { number } from '../report/print.ts';
import { Stage } from '../stage/stage.ts';
import { updateName, UPLOADS, type UnitCase } from '../units/cases.ts';
import { PHOTOS } from '../units/photo-cases.ts';
import { readCases } from '../units/read-cases.ts';
import { storedPerUpdate, type Stored } from '../units/stored.ts';

type Counted = { readonly unitCase: UnitCase; readonly tally: Tally };

const UPDATES = updateName(20, 0);
const SHARED_UPDATES = updateName(20, 1);

/** Request units and calls, exact, and what they cost. */
export async function units(progress: Progress): Promise<Report> {
  const stage = await Stage.start();
  try {
    const counted: Counted[] = [];
    for (const unitCase of [...UPLOADS, ...PHOTOS, ...readCases()]) {
      progress(unitCase.name);
      counted.push({ unitCase, tally: await unitCase.run(stage) });
    }
    progress('stored bytes');
    const stored = await storedPerUpdate(stage);
    return { figures: [...namedFigures(counted), ...counted.flatMap(allFigures)], tables: tablesOf(counted, stored), notes: [assumptions()] };
  } finally {
    await stage.stop();
  }
}

function namedFigures(counted: readonly Counted[]): Figure[] {
  const of = (name: string): Counted => {
    const found = counted.find(({ unitCase }) => unitCase.name === name);
    if (!found) throw new Error(`nothing was counted of: ${name}`);
    return found;
  };
  const per = ({ unitCase, tally }: Counted, what: 'read' | 'write', caller?: string) =>
    tally.sum(what, (line) => caller === undefined || line.caller === caller) / unitCase.actions;
  const updates = of(UPDATES);
  const priced = pricePerMillion(updates.tally, updates.unitCase.actions);
  return [
    { name: 'write_units_per_update_batch20', value: per(updates, 'write'), unit: 'units', goal: 3 },
    { name: 'write_units_per_update_batch20_audience1', value: per(of(SHARED_UPDATES), 'write'), unit: 'units', goal: 4.5 },
    { name: 'worker_read_units_per_update_batch20', value: per(updates, 'read', 'worker'), unit: 'units', goal: 2.2 },
    { name: 'read_units_per_1000_changes', value: per(of('download of 1,000 small changes'), 'read'), unit: 'units', goal: 60 },
    { name: 'read_units_idle_poll', value: per(of('idle poll of one scope'), 'read'), unit: 'units', goal: 1 },
    { name: 'price_per_million_updates_usd', value: totalOf(priced), unit: 'USD', goal: 2.5 },
  ];
}

function allFigures({ unitCase, tally }: Counted): Figure[] {
  const slug = unitCase.name.replaceAll(/[^a-z0-9]+/gi, '_').toLowerCase();
  const figure = (name: string, value: number, unit: string) => ({ name: `${slug}.${name}`, value: value / unitCase.actions, unit, goal: null });
  return [
    figure('write_units', tally.sum('write'), 'units'),
    figure('read_units', tally.sum('read'), 'units'),
    figure('worker_read_units', tally.sum('read', ({ caller }) => caller === 'worker'), 'units'),
    figure('calls', tally.sum('calls'), 'calls'),
    { ...figure('price_per_million', 0, 'USD'), value: totalOf(pricePerMillion(tally, unitCase.actions)) },
  ];
}

function tablesOf(counted: readonly Counted[], stored: Stored): Table[] {
  const updates = counted.filter(({ unitCase }) => [UPDATES, SHARED_UPDATES].includes(unitCase.name));
  return [casesTable(counted), ...updates.map(operationsTable), priceTable(updates), photoTable(counted), storedTable(stored)];
}

/** Figures are per action, or per request where nothing is uploaded. */
function casesTable(counted: readonly Counted[]): Table {
  const rows = counted.map(({ unitCase: { name, actions }, tally }) => {
    const calls = (of: (caller: string, table: string) => boolean) => tally.sum('calls', ({ caller, table }) => of(caller, table));
    return [
      name,
      ...[
        tally.sum('write'), tally.sum('read'), tally.sum('read', ({ caller }) => caller === 'worker'),
        calls((_, table) => table !== ''), calls((caller, table) => table === '' && caller !== 'api'),
      ].map((sum) => number(sum / actions)),
      totalOf(pricePerMillion(tally, actions)).toFixed(2),
    ];
  });
  const columns = ['per action, or request', 'write units', 'read units', 'of worker', 'DynamoDB calls', 'SQS calls', '$ per million'];
  return { title: 'Request units, calls and price', columns, rows };
}

function operationsTable({ unitCase, tally }: Counted): Table {
  const rows = tally.lines.map(({ caller, operation, table, calls, read, write }) =>
    [`${caller}: ${operation}${table === '' ? '' : ` ${table}`}`, number(calls), number(read), number(write)]);
  return { title: `The calls of: ${unitCase.name}`, columns: ['call', 'calls', 'read units', 'write units'], rows };
}

function priceTable(counted: readonly Counted[]): Table {
  const priced = counted.map(({ unitCase, tally }) => {
    const price = pricePerMillion(tally, unitCase.actions);
    return [unitCase.name, ...Object.values(price).map((part) => part.toFixed(2)), totalOf(price).toFixed(2)];
  });
  // A put of the record and one for the change log that its delta queries read: versioned AppSync writes both.
  const writes = 2 * prices.WRITE_UNITS;
  const appSync = ['AppSync: an operation and 2 writes', writes.toFixed(2), '', '', '', '', (prices.APPSYNC_OPERATIONS + writes).toFixed(2)];
  return { title: '$ per million actions', columns: ['what', 'writes', 'reads', 'SQS', 'HTTP API', 'Lambda', 'total'], rows: [...priced, appSync] };
}

/** What S3 takes beside: a put, a look and a copy, an event; then what lies there, and each time that it is seen. */
function photoTable(counted: readonly Counted[]): Table {
  const store = 2 * prices.OBJECT_PUTS + prices.OBJECT_GETS + prices.EVENTS;
  const rows = counted.filter(({ unitCase }) => PHOTOS.includes(unitCase)).map(({ unitCase, tally }) => {
    const ours = totalOf(pricePerMillion(tally, unitCase.actions));
    const objects = unitCase.name.startsWith('see') ? prices.OBJECT_GETS : store;
    return [unitCase.name, ours.toFixed(2), objects.toFixed(2), (ours + objects).toFixed(2)];
  });
  const month = ['stored for a month, 500 KB each', '', (500 * prices.OBJECTS_GB_MONTH).toFixed(2), ''];
  return { title: '$ per million photos', columns: ['what', 'requests and compute', 'S3 and events', 'total'], rows: [...rows, month] };
}

function storedTable({ forEver, days90 }: Stored): Table {
  const month = prices.STORED_GB_MONTH + prices.BACKED_UP_GB_MONTH;
  const rows = [
    ['log, 90 days', number(days90), ((days90 / 1e3) * month * 3).toFixed(2)],
    ['outcome, for ever: first year', number(forEver), ((forEver / 1e3) * month * 12).toFixed(2)],
  ];
  return { title: `Stored by ${UPDATES} (not in the prices above)`, columns: ['what', 'bytes per update', '$ per million'], rows };
}

function assumptions(): string {
  return `List prices in us-east-1; uploads billed ${prices.BILLED_MS.upload} ms, workers ${prices.BILLED_MS.worker} ms, at 1 GB; `
    + `a batch is applied ${prices.ANSWER_MS} ms after it was sent. Assumptions: bench/price/prices.ts.`;
}
