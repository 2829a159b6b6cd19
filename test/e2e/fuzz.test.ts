import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { fuzz } from '../fuzz/play.ts';
import { StackTarget } from '../fuzz/target/stack-target.ts';

let target: StackTarget;
beforeAll(async () => {
  target = await StackTarget.of(inject('stack'));
});
afterAll(() => target.close());

it('200 hostile requests get no 5xx from the gateway and the bundled functions (P12)', async () => {
  const tally = await fuzz(target, 200, Math.trunc(Math.random() * 2 ** 31));
  expect(tally.get('200') ?? 0).toBeGreaterThan(10);
});
