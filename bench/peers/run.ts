import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { reportData } from '../workload/texts.ts';
import { startCouch } from './couch.ts';
import { startFieldsync } from './fieldsync.ts';
import type { Peer, PeerDevice, Small } from './peer.ts';
import type { LoadRow, PeerRow } from './rows.ts';
import { startZero } from './zero.ts';

// The same workload on one peer after the other; a line of JSON for each, as the section `peers` reads it.
// Run apart, so that it can be put into a network of its own.

/** Where peers keep their files: in memory, as DynamoDB Local does here. */
const DATA_ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const START: Readonly<Record<string, () => Promise<Peer>>> = {
  fieldsync: startFieldsync,
  couch: () => startCouch(DATA_ROOT),
  zero: () => startZero(DATA_ROOT),
};
/** Pairs of devices at once, records of each round, rounds one after the other. */
const LOADS = [
  { pairs: 1, records: 25, rounds: 10 },
  { pairs: 8, records: 25, rounds: 4 },
  { pairs: 32, records: 25, rounds: 1 },
  { pairs: 50, records: 1, rounds: 2 },
] as const;
const LAGS = 15;
/** Between rounds of the lag, so that nothing of the last one is still going on. */
const QUIET_MS = 200;

for (const name of process.argv.slice(2)) {
  const peer = await START[name]?.();
  if (!peer) throw new Error(`there is no peer ${name}`);
  try {
    process.stdout.write(`${JSON.stringify(await measure(peer))}\n`);
  } finally {
    await peer.stop();
  }
}

async function measure(peer: Peer): Promise<PeerRow> {
  await under(peer, { pairs: 2, records: 25, rounds: 3 });
  const loads: LoadRow[] = [];
  for (const load of LOADS) loads.push(await under(peer, load));
  return { name: peer.name, loads, lagMs: median(await lags(peer)) };
}

/** From the first sending until each person's second device holds everything. */
async function under(peer: Peer, { pairs, records, rounds }: { pairs: number; records: number; rounds: number }): Promise<LoadRow> {
  const couples = await Promise.all(Array.from({ length: pairs }, () => couple(peer)));
  const begun = performance.now();
  const took = await Promise.all(couples.map(async ({ from, to }, k) => {
    const times: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const sent = performance.now();
      // Reports to departments of their own: nobody is in another's way.
      const sending = from.send(newReports(records, round * records, `area-${k}`));
      await to.holds(round * records);
      times.push(performance.now() - sent);
      await sending;
    }
    return times;
  }));
  const seconds = (performance.now() - begun) / 1000;
  await Promise.all(couples.flatMap(({ from, to }) => [from.close(), to.close()]));
  return { load: `${pairs} x ${records}`, perSecond: (pairs * records * rounds) / seconds, roundMs: median(took.flat()) };
}

/** From the sending of one record until another device, which waits for it, holds it. */
async function lags(peer: Peer): Promise<number[]> {
  const { from, to } = await couple(peer);
  const times: number[] = [];
  for (let i = 1; i <= LAGS; i++) {
    await sleep(QUIET_MS);
    const sent = performance.now();
    const sending = from.send(newReports(1, i, 'lag'));
    await to.holds(i);
    times.push(performance.now() - sent);
    await sending;
  }
  await Promise.all([from.close(), to.close()]);
  return times;
}

async function couple(peer: Peer): Promise<{ from: PeerDevice; to: PeerDevice }> {
  const person = await peer.person();
  return { from: await person.device(), to: await person.device() };
}

function newReports(count: number, seed: number, category: string): Small[] {
  return Array.from({ length: count }, (_, i) => reportData(seed + i, category));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
