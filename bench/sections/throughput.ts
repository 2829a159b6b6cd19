import { setTimeout as sleep } from 'node:timers/promises';
import type { Phone } from '../../local/demo/phone.ts';
import type { Figure, Progress, Report, Table } from '../report/figure.ts';
import { Stage, type Person } from '../stage/stage.ts';
import { create } from '../workload/records.ts';

/** Clients at once, and the actions of each upload. `uploads`: how many each client makes, one after the other. */
type Load = { readonly clients: number; readonly actions: number; readonly uploads: number };

const LOADS: readonly Load[] = [
  { clients: 1, actions: 25, uploads: 10 },
  { clients: 8, actions: 25, uploads: 4 },
  { clients: 32, actions: 25, uploads: 1 },
  { clients: 50, actions: 1, uploads: 2 },
];
const LAGS = 15;

/** How fast this machine is with it, emulators and all. It says nothing of AWS, but shows what has become slower. */
export async function throughput(progress: Progress): Promise<Report> {
  const stage = await Stage.start({ counted: false });
  try {
    await under(stage, { clients: 2, actions: 25, uploads: 2 });
    const figures: Figure[] = [];
    const rows: string[][] = [];
    for (const load of LOADS) {
      const name = `${load.clients} x ${load.actions}`;
      progress(name);
      const { perSecond, p50, p95 } = await under(stage, load);
      const slug = `clients${load.clients}_actions${load.actions}`;
      figures.push(timed(`${slug}.actions_per_second`, perSecond, '1/s'), timed(`${slug}.upload_p50_ms`, p50, 'ms'), timed(`${slug}.upload_p95_ms`, p95, 'ms'));
      rows.push([name, ...[perSecond, p50, p95].map((value) => value.toFixed(0))]);
    }
    progress('lag');
    const lags = await lagsOf(stage);
    figures.push(timed('lag_p50_ms', quantile(lags, 0.5), 'ms'), timed('lag_p95_ms', quantile(lags, 0.95), 'ms'));
    const table: Table = { title: 'Clients x actions per upload', columns: ['load', 'actions/s applied and visible', 'upload p50 ms', 'upload p95 ms'], rows };
    return { figures, tables: [table], notes: ['Uploads wait for their outcomes. Everything, emulators included, shares this machine.'] };
  } finally {
    await stage.stop();
  }
}

/** Every upload ends with the outcome of each action, so that all are applied and visible then (P7). */
async function under(stage: Stage, { clients, actions, uploads }: Load): Promise<{ perSecond: number; p50: number; p95: number }> {
  const people = await Promise.all(Array.from({ length: clients }, () => stage.citizen()));
  const took: number[] = [];
  const begun = performance.now();
  await Promise.all(people.map(async (person, k) => {
    const phone = stage.phone(person);
    for (let i = 0; i < uploads; i++) {
      // Reports to departments of their own: neither homes nor audiences are in each other's way.
      create(phone, 1, actions, i * actions, `area-${k}`);
      const sent = performance.now();
      await pushAll(phone);
      took.push(performance.now() - sent);
    }
  }));
  const seconds = (performance.now() - begun) / 1000;
  return { perSecond: (clients * uploads * actions) / seconds, p50: quantile(took, 0.5), p95: quantile(took, 0.95) };
}

/** From the sending of one device's upload until another device, which asks all the time, has downloaded it. */
async function lagsOf(stage: Stage): Promise<number[]> {
  const person: Person = await stage.citizen();
  const [phone, tablet] = [stage.phone(person), stage.phone(person)];
  await tablet.pull();
  const lags: number[] = [];
  for (let i = 1; i <= LAGS; i++) {
    create(phone, 1, 1, i);
    const sent = performance.now();
    const pushed = pushAll(phone);
    while (tablet.holdings.all().length < i) {
      await tablet.pull();
      await sleep(5);
    }
    lags.push(performance.now() - sent);
    await pushed;
  }
  return lags;
}

/** Sends again what a crowded machine did not get done within one wait. */
async function pushAll(phone: Phone): Promise<void> {
  while (phone.outbox.length > 0) await phone.push();
}

function timed(name: string, value: number, unit: string): Figure {
  return { name, value, unit, goal: null, timed: true };
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
}
