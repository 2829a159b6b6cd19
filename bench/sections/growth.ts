import { taskData } from '../workload/texts.ts';
import { noteUpdates, seedScope, seededCursor, type Seeded } from '../workload/seed.ts';
import type { Figure, Progress, Report, Table } from '../report/figure.ts';
import { number } from '../report/print.ts';
import { Stage } from '../stage/stage.ts';
import { push } from '../units/cases.ts';

const SIZES = [10, 1000, 100_000];
const BATCH = 10;

type Grown = { readonly size: number; readonly updateWrites: number; readonly updateReads: number; readonly pollReads: number; readonly changesReads: number };

/** The same work in scopes of very different age: its units must not grow with them. */
export async function growth(progress: Progress): Promise<Report> {
  const stage = await Stage.start();
  const { tableNames } = stage.stack;
  const client = stage.dynamo();
  try {
    const all: Grown[] = [];
    for (const size of SIZES) {
      progress(`a scope of ${size} records and commits`);
      const department = `grown-${size}`;
      all.push(await grown(stage, department, await seedScope(client, tableNames, department, size, (i) => taskData(i, department))));
    }
    return { figures: [flatness(all)], tables: [tableOf(all)] };
  } finally {
    client.destroy();
    await stage.stop();
  }
}

async function grown(stage: Stage, department: string, seeded: Seeded): Promise<Grown> {
  const person = await stage.officer(department);
  const phone = stage.phone(person);
  phone.cursor = seededCursor(seeded, person.sub, Date.now());
  const poll = await stage.count(() => phone.pull());
  noteUpdates(phone, seeded, BATCH);
  const updates = await stage.count(() => push(phone));
  const changes = await stage.count(() => phone.pull());
  if (phone.holdings.all().length !== BATCH) throw new Error('the changes did not come');
  return {
    size: seeded.count, updateWrites: updates.sum('write') / BATCH, updateReads: updates.sum('read') / BATCH,
    pollReads: poll.sum('read'), changesReads: changes.sum('read'),
  };
}

/** How much more the most grown scope costs than the youngest, in units, over all that is counted. */
function flatness(all: readonly Grown[]): Figure {
  const [first, last] = [all[0], all.at(-1)].map((one) => (one ? one.updateWrites + one.updateReads + one.pollReads + one.changesReads : 0));
  return { name: 'units_added_by_growth', value: (last ?? 0) - (first ?? 0), unit: 'units', goal: 0.5 };
}

function tableOf(all: readonly Grown[]): Table {
  return {
    title: `The same work in growing scopes (updates in batches of ${BATCH})`,
    columns: ['records and commits', 'write units per update', 'read units per update', 'read units per idle poll (2 scopes)', `read units for ${BATCH} changes`],
    rows: all.map(({ size, updateWrites, updateReads, pollReads, changesReads }) =>
      [String(size), ...[updateWrites, updateReads, pollReads, changesReads].map(number)]),
  };
}
