import type { Phone } from '../../local/demo/phone.ts';
import type { Tally } from '../meter/tally.ts';
import type { Person, Stage } from '../stage/stage.ts';
import { taskData } from '../workload/texts.ts';
import { push, type UnitCase } from './cases.ts';

const RECORDS = 1000;
/** Commits of the log that is read: what phones upload in a day, not all at once. */
const BATCH = 20;

/** Requests that only read. */
export function readCases(): readonly UnitCase[] {
  let made: ReturnType<typeof filled> | undefined;
  const scope = (stage: Stage) => (made ??= filled(stage));
  return [
    {
      name: 'download of 1,000 small changes',
      actions: 1,
      run: async (stage) => counted(stage, (await scope(stage)).tablet),
    },
    {
      name: 'snapshot of 1,000 records',
      actions: 1,
      run: async (stage) => counted(stage, stage.phone((await scope(stage)).officer)),
    },
    {
      name: 'idle poll of one scope',
      actions: 1,
      async run(stage) {
        const phone = await named(stage, await stage.citizen());
        await phone.pull();
        return stage.count(() => phone.pull());
      },
    },
    {
      name: 'status',
      actions: 1,
      async run(stage) {
        const person = await stage.citizen();
        const phone = await named(stage, person);
        return stage.count(() => person.api.status(phone.deviceId));
      },
    },
  ];
}

/** A scope of many small commits, and a device that has seen none of them but has been there before. */
async function filled(stage: Stage): Promise<{ officer: Person; tablet: Phone }> {
  const officer = await stage.officer('archive');
  const [phone, tablet] = [stage.phone(officer), stage.phone(officer)];
  await tablet.pull();
  for (let i = 0; i < RECORDS; i += BATCH) {
    for (let k = i; k < i + BATCH; k++) phone.create('task', taskData(k, 'archive'));
    await push(phone);
  }
  return { officer, tablet };
}

async function named(stage: Stage, person: Person): Promise<Phone> {
  const phone = stage.phone(person);
  phone.act({ action_type: 'update_profile', entity_type: 'profile', data: { name: 'Ada' } });
  await push(phone);
  return phone;
}

async function counted(stage: Stage, tablet: Phone): Promise<Tally> {
  const tally = await stage.count(() => tablet.pull());
  const { length } = tablet.holdings.all();
  if (length !== RECORDS) throw new Error(`${length} of ${RECORDS} records came`);
  return tally;
}
