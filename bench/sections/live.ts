import { setTimeout as sleep } from 'node:timers/promises';
import { createSync } from '../../client/src/create-sync.ts';
import { LIVE } from '../../client/src/pokes.ts';
import { memoryStore } from '../../client/stores/memory.ts';
import { civic } from '../../src/domain/civic.ts';
import { LIVE_PROTOCOL } from '../../src/protocol/live.ts';
import type { Line, Tally } from '../meter/tally.ts';
import { perMillionInvocations } from '../price/price.ts';
import * as prices from '../price/prices.ts';
import type { Figure, Progress, Report, Table } from '../report/figure.ts';
import { number } from '../report/print.ts';
import { Stage, type Person } from '../stage/stage.ts';
import { create } from '../workload/records.ts';

const LAGS = 30;
const LISTENERS = 500;
const BURSTS = 5;
/** Connections that are made at a time. */
const AT_ONCE = 25;
const DEPARTMENT = 'roads';
/** Nobody waits longer for a poke that was lost. */
const LONGEST_MS = 10_000;

/** How soon others have what one phone uploaded, what a poke to many takes, and what both cost. */
export async function live(progress: Progress): Promise<Report> {
  progress(`${LAGS} uploads from one phone to another's store`);
  const lags = await onStage(false, lagsOf);
  progress(`${LISTENERS} listeners of one scope`);
  const bursts = await onStage(false, burstsOf);
  progress('counting');
  const counted = await onStage(true, counts);
  const timed = (name: string, value: number): Figure => ({ name, value, unit: 'ms', goal: null, timed: true });
  return {
    figures: [
      timed('live_lag_p50_ms', quantile(lags, 0.5)), timed('live_lag_p95_ms', quantile(lags, 0.95)),
      timed(`poke_${LISTENERS}_last_p50_ms`, quantile(bursts.map(({ last }) => last), 0.5)),
      timed(`poke_${LISTENERS}_last_worst_ms`, Math.max(...bursts.map(({ last }) => last))),
      timed(`poke_${LISTENERS}_spread_worst_ms`, Math.max(...bursts.map(({ last, first }) => last - first))),
      ...counted.figures,
    ],
    tables: [counted.table],
    notes: [
      `Lags: from the beginning of an upload until the other phone's local store has it (SDK, no polling). Of ${LISTENERS} listeners: from `
      + 'the beginning of an upload until the last one has its message, which is one process here, with all the emulators. On AWS the stream is '
      + 'looked at four times a second: up to 250 ms more.',
    ],
  };
}

async function onStage<T>(counted: boolean, measure: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await Stage.start({ counted });
  try {
    return await measure(stage);
  } finally {
    await stage.stop();
  }
}

async function lagsOf(stage: Stage): Promise<number[]> {
  const person = await stage.citizen();
  const token = await tokenOf(stage, person);
  const reader = createSync({
    baseUrl: stage.stack.url, liveUrl: stage.stack.liveUrl, token: async () => token, deviceId: stage.uuid(), store: memoryStore(), domain: civic, intervalMs: 0,
  });
  let held = 0;
  reader.watch('report', {}, (records) => (held = records.length));
  const phone = stage.phone(person);
  const lags: number[] = [];
  for (let i = 1; i <= LAGS; i++) {
    create(phone, 1, 1, i);
    const sent = performance.now();
    const pushed = phone.push();
    await until(() => held >= i);
    // The first ones load what is loaded once.
    if (i > 5) lags.push(performance.now() - sent);
    await pushed;
    await sleep(200);
  }
  await reader.close();
  return lags;
}

async function burstsOf(stage: Stage): Promise<{ first: number; last: number }[]> {
  const audience = await Audience.of(stage, LISTENERS);
  const phone = stage.phone(await stage.citizen());
  const bursts: { first: number; last: number }[] = [];
  for (let i = 1; i <= BURSTS; i++) {
    create(phone, 1, 1, i, DEPARTMENT);
    audience.heardAt = [];
    const sent = performance.now();
    const pushed = phone.push();
    await until(() => audience.heardAt.length >= LISTENERS);
    bursts.push({ first: (audience.heardAt[0] ?? Number.NaN) - sent, last: (audience.heardAt.at(-1) ?? Number.NaN) - sent });
    await pushed;
    await sleep(300);
  }
  audience.leave();
  return bursts;
}

async function counts(stage: Stage): Promise<{ figures: Figure[]; table: Table }> {
  const one = await pokesTo(stage, 1);
  const many = await pokesTo(stage, LISTENERS - 1);
  const connected = await stage.count(async () => {
    const audience = await Audience.of(stage, 1);
    audience.leave();
    await sleep(500);
  });
  // A connection: a request to connect and one to hang up, and pings with their answers.
  const hours = 1;
  const pings = (hours * 3_600_000) / LIVE.pingMs;
  const connection = connected.sum('write') * prices.WRITE_UNITS + (connected.sum('read') + pings) * prices.READ_UNITS
    + hours * 60 * prices.SOCKET_MINUTES + 2 * pings * prices.SOCKET_MESSAGES + (2 + pings) * perMillionInvocations('live');
  const row = (name: string, tally: Tally, count: number) => [
    name, ...[tally.sum('write', ofPokes), tally.sum('read', ofPokes), tally.sum('calls', ofSockets), tally.invocations.get('notify') ?? 0]
      .map((value) => number(value / count)), (pokePrice(tally) / count).toFixed(2),
  ];
  const table: Table = {
    title: 'Pokes (one upload to one department), and an hour of one connection',
    columns: ['per poke', 'write units', 'read units', 'messages', 'invocations', '$ per million'],
    rows: [
      row('of 1 listener', one, 1), row(`of ${LISTENERS}`, many, LISTENERS),
      ['connect, an hour, hang up', number(connected.sum('write')), number(connected.sum('read') + pings), number(2 * pings), number(2 + pings), connection.toFixed(2)],
    ],
  };
  return {
    table,
    figures: [
      { name: 'price_per_million_pokes_of_1_usd', value: pokePrice(one), unit: 'USD', goal: null },
      { name: `price_per_million_pokes_of_${LISTENERS}_usd`, value: pokePrice(many) / LISTENERS, unit: 'USD', goal: 1.2 },
      { name: 'write_units_per_connection', value: connected.sum('write'), unit: 'units', goal: 9 },
    ],
  };
}

/** What one upload to the department costs in pokes, with so many more listening. The home's own has nobody. */
async function pokesTo(stage: Stage, more: number): Promise<Tally> {
  const audience = await Audience.of(stage, more);
  const phone = stage.phone(await stage.citizen());
  const tally = await stage.countPokes(async () => {
    create(phone, 1, 1, 1, DEPARTMENT);
    await phone.push();
    await until(() => audience.heardAt.length >= more);
    await sleep(300);
  });
  return tally;
}

/** The rest is the upload's, and counted with uploads. */
const ofPokes = ({ caller }: Line) => caller === 'notify';
const ofSockets = ({ caller }: Line) => caller === 'sockets';

function pokePrice(tally: Tally): number {
  return tally.sum('read', ofPokes) * prices.READ_UNITS + tally.sum('write', ofPokes) * prices.WRITE_UNITS
    + tally.sum('calls', ofSockets) * prices.SOCKET_MESSAGES
    + (tally.invocations.get('notify') ?? 0) * perMillionInvocations('notify');
}

/** Officers of one department, each on a connection of their own. */
class Audience {
  /** When each message came. */
  heardAt: number[] = [];
  readonly #sockets: WebSocket[] = [];

  static async of(stage: Stage, size: number): Promise<Audience> {
    const audience = new Audience();
    for (let i = 0; i < size; i += AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, size - i) }, () => audience.#join(stage)));
    }
    return audience;
  }

  async #join(stage: Stage): Promise<void> {
    const token = await stage.stack.token({ sub: stage.uuid(), role: 'officer', departments: [DEPARTMENT] });
    const socket = new WebSocket(stage.stack.liveUrl, [LIVE_PROTOCOL, `bearer.${token}`]);
    socket.addEventListener('message', () => this.heardAt.push(performance.now()));
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error('a listener could not connect')));
    });
    this.#sockets.push(socket);
  }

  leave(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

async function tokenOf(stage: Stage, { sub }: Person): Promise<string> {
  return stage.stack.token({ sub, role: 'citizen' });
}

async function until(done: () => boolean): Promise<void> {
  const begun = performance.now();
  while (!done()) {
    if (performance.now() - begun > LONGEST_MS) throw new Error('a poke did not come');
    await sleep(1);
  }
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
}
