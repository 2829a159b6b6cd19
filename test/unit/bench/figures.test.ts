import { expect, it } from 'vitest';
import { Tally } from '../../../bench/meter/tally.ts';
import { pricePerMillion, totalOf } from '../../../bench/price/price.ts';
import { missed, toRow, type Figure } from '../../../bench/report/figure.ts';
import { tableText } from '../../../bench/report/print.ts';

const figure = (overrides: Partial<Figure>): Figure => ({ name: 'f', value: 2, unit: 'units', goal: 2, ...overrides });

it('a goal is missed by counted figures above it, and never by times', () => {
  const above = figure({ value: 2.01 });
  expect(missed([above, figure({}), figure({ value: 9, goal: null }), figure({ value: 9, timed: true })])).toEqual([above]);
});

it('a row for machines has name, value, unit and goal', () => {
  expect(toRow(figure({ value: 1 / 3, timed: true, goal: null }))).toEqual({ name: 'f', value: 0.3333, unit: 'units', goal: null });
});

it('a price has a part for every service that was used', () => {
  const tally = new Tally();
  tally.note('worker', 'PutItem', 'entities', { read: 0, write: 40 });
  tally.note('worker', 'GetItem', 'entities', { read: 20, write: 0 });
  tally.note('upload', 'SendMessageBatch', '', { read: 0, write: 0 });
  tally.note('api', 'request', '', { read: 0, write: 0 });
  tally.invoked('upload');
  const price = pricePerMillion(tally, 20);
  expect(price).toMatchObject({ writes: 2 * 0.625, reads: 0.125, queue: 0.5 / 20, api: 1 / 20 });
  // 250 ms at 1 GB, and the request.
  expect(price.lambda).toBeCloseTo((0.25 * 13.3334 + 0.2) / 20, 6);
  expect(totalOf(price)).toBeCloseTo(1.25 + 0.125 + 0.025 + 0.05 + price.lambda, 9);
});

it('a table has its first column to the left and the others to the right', () => {
  expect(tableText({ title: 'T', columns: ['what', 'n'], rows: [['a', '1'], ['long name', '12']] })).toBe(
    ['T', 'what        n', '---------  --', 'a           1', 'long name  12'].join('\n'),
  );
});
