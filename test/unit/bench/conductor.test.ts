import { expect, it } from 'vitest';
import { Conductor } from '../../../bench/meter/conductor.ts';

const ONE_BATCH = { batches: 1, notes: 0 };

/** Lets everything run that can run. */
async function rest(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

it('the worker begins after so many looks, and the next look waits until it is done', async () => {
  const conductor = new Conductor();
  conductor.looks = 2;
  const happened: string[] = [];
  let finish = () => {};
  conductor.sent(ONE_BATCH);
  void conductor.deliver(ONE_BATCH, {}, async () => {
    happened.push('begun');
    await new Promise<void>((resolve) => (finish = resolve));
    return { kind: 'ok', payload: null };
  });
  expect(await conductor.look()).toBe(true);
  await rest();
  expect(happened).toEqual([]);
  expect(await conductor.look()).toBe(true);
  await rest();
  expect(happened).toEqual(['begun']);
  const last = conductor.look().then((counts) => happened.push(`looked ${counts}`));
  await rest();
  expect(happened).toEqual(['begun']);
  finish();
  await last;
  expect(happened).toEqual(['begun', 'looked true']);
});

it('nothing is held when nobody counts, or nothing is under way', async () => {
  const conductor = new Conductor();
  expect(await conductor.look()).toBe(true);
  conductor.sent(ONE_BATCH);
  expect(await conductor.look()).toBe(true);
  await conductor.deliver(ONE_BATCH, {}, async () => ({ kind: 'ok', payload: null }));
  conductor.looks = 5;
  expect(await conductor.look()).toBe(true);
  await conductor.settled();
});

it('all is settled when what the worker sent is done too', async () => {
  const conductor = new Conductor();
  conductor.sent(ONE_BATCH);
  let settled = false;
  const waiting = conductor.settled().then(() => (settled = true));
  await conductor.deliver(ONE_BATCH, {}, async () => {
    conductor.sent({ batches: 0, notes: 1 });
    return { kind: 'ok', payload: null };
  });
  await rest();
  expect(settled).toBe(false);
  await conductor.deliver({ batches: 0, notes: 1 }, {}, async () => ({ kind: 'ok', payload: null }));
  await waiting;
  expect(settled).toBe(true);
});
