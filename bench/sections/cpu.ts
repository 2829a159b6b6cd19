import type { Claims } from '../../src/engine/model.ts';
import type { Figure, Progress, Report } from '../report/figure.ts';
import { createInMemory, type InMemory } from '../workload/in-memory.ts';
import { busyRecords, edit } from '../workload/records.ts';
import type { Phone } from '../../local/demo/phone.ts';

const BATCH = 20;
/** The first rounds let Node optimize the code, as a warm function has it. */
const ROUNDS = { warm: 40, measured: 200 };

/** The processor time of our own code, per action: tables, queue and network are maps in memory. */
export async function cpu(progress: Progress): Promise<Report> {
  const used = { upload: 0, worker: 0, download: 0 };
  for (let round = 0; round < ROUNDS.warm + ROUNDS.measured; round++) {
    if (round % 40 === 0) progress(`round ${round}`);
    // Empty tables each time, so that no round has more to do than the one before.
    const backend = createInMemory();
    const { phone, tablet, records } = await busyPhones(backend);
    edit(phone, 0, records);
    const times = {
      upload: await cpuMs(() => phone.push()),
      worker: await cpuMs(() => backend.settle()),
      download: await cpuMs(() => tablet.pull()),
    };
    if (round < ROUNDS.warm) continue;
    used.upload += times.upload;
    used.worker += times.worker;
    used.download += times.download;
  }
  const actions = ROUNDS.measured * BATCH;
  const figures = Object.entries(used).map(([what, ms]): Figure =>
    ({ name: `${what}_cpu_ms_per_update`, value: ms / actions, unit: 'ms', goal: null, timed: true }));
  return { figures, tables: [], notes: [`Updates in batches of ${BATCH}, in-memory adapters; without HTTP, JSON, tokens and the SDK.`] };
}

const OFFICER: Claims = { sub: 'officer', role: 'officer', departments: ['roads'] };

async function busyPhones(backend: InMemory) {
  const [phone, tablet] = [backend.phone(OFFICER, 'phone'), backend.phone(OFFICER, 'tablet')];
  const push = async (device: Phone) => {
    for (let i = 0; i < 2 && device.outbox.length > 0; i++) {
      await device.push();
      await backend.settle();
    }
  };
  return { phone, tablet, records: await busyRecords(phone, tablet, push, 0, BATCH) };
}

async function cpuMs(act: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
