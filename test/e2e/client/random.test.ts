import { expect, it } from 'vitest';
import { RealPhone } from '../../support/client/real-phone.ts';
import { fresh } from '../../support/people.ts';
import { randomOf } from '../../support/client/random-of.ts';

const ROUNDS = Number(process.env['FIELDSYNC_CLIENT_ROUNDS'] ?? 200);
const SEED = Number(process.env['FIELDSYNC_CLIENT_SEED'] ?? 20261123);

it(`five phones over SQLite come to the same after ${ROUNDS} rounds of edits, cuts and kills; nothing is lost (P1, P2, P6), seed ${SEED}`, async () => {
  const random = randomOf(SEED);
  const department = fresh('roads');
  const alice = { sub: fresh('alice'), role: 'citizen' } as const;
  const olga = { sub: fresh('olga'), role: 'officer', departments: [department] } as const;
  const otto = { sub: fresh('otto'), role: 'officer', departments: [department] } as const;
  const phones = await Promise.all([alice, alice, olga, olga, otto].map((claims) => RealPhone.of(claims)));
  try {
    const [, , desk] = phones;
    const { entity_id: task } = (await desk?.sync.create('task', { department, title: 'Fill the hole', notes: 'a\nb' })) ?? { entity_id: '' };
    for (const phone of phones) await phone.settle();
    let visits = 0;
    const made = new Set<string>();
    const acts: ((phone: RealPhone, officer: boolean) => Promise<unknown>)[] = [
      async (phone) => made.add((await phone.sync.create('report', { title: `Report ${made.size}`, category: department })).entity_id),
      async (phone, officer) => {
        if (!officer) return;
        await phone.sync.update('task', task, { visits: { $inc: 1 } });
        visits++;
      },
      async (phone, officer) => officer && phone.sync.update('task', task, { notes: `a, ${random(100)}\nb` }, { strategy: 'merge' }),
      async (phone, officer) => {
        const reports = await phone.sync.list('report');
        const report = reports[random(reports.length)];
        if (!report) return;
        if (officer && report.home !== null && !report.home.endsWith(phone === phones[4] ? otto.sub : olga.sub)) {
          await phone.sync.update('report', report.entity_id, { resolution_note: `note ${random(100)}` }, { strategy: 'client_wins' });
        } else await phone.sync.update('report', report.entity_id, { tags: { $add: [`t${random(5)}`] } });
      },
      async (phone) => phone.sync.sync(),
      async (phone) => phone.sync.sync(),
      async (phone) => {
        phone.offline = !phone.offline;
      },
      async (phone) => {
        phone.loseAnswers = 1;
        await phone.sync.sync();
      },
      // Killed in the middle of a cycle: what it was at goes on in the background and is fenced by the lease.
      async (phone) => {
        void phone.sync.sync().catch(() => undefined);
        phone.restart();
      },
    ];
    for (let round = 0; round < ROUNDS; round++) {
      const i = random(phones.length);
      const phone = phones[i];
      if (phone) await acts[random(acts.length)]?.(phone, i >= 2);
    }
    for (const phone of phones) {
      Object.assign(phone, { offline: false, loseAnswers: 0 });
      phone.restart();
    }
    for (const phone of phones) await phone.settle();

    const fresher = await RealPhone.of(olga);
    phones.push(fresher);
    const held = async (phone: RealPhone | undefined) => [await phone?.sync.list('report'), await phone?.sync.list('task')];
    await expect.poll(async () => {
      for (const phone of phones) await phone.settle();
      const officers = await Promise.all([phones[2], phones[3], phones[5]].map(held));
      return officers.map((each) => JSON.stringify(each) === JSON.stringify(officers[0]));
    }, { timeout: 40_000, interval: 500 }).toEqual([true, true, true]);
    expect(await held(phones[0])).toEqual(await held(phones[1]));
    expect(await fresher.sync.get('task', task)).toMatchObject({ visits });
    const everywhere = [...(await phones[0]?.sync.list('report')) ?? [], ...(await fresher.sync.list('report')), ...((await phones[4]?.sync.list('report')) ?? [])];
    expect(new Set(everywhere.map(({ entity_id }) => entity_id))).toEqual(made);
    for (const phone of phones) {
      expect(await phone.sync.outbox.list()).toEqual([]);
      expect(await phone.sync.rejected.list()).toEqual([]);
      expect(await phone.sync.status.get()).toMatchObject({ pending: 0, failed: 0 });
    }
  } finally {
    await Promise.all(phones.map((phone) => phone.dispose()));
  }
});
