import type { FunctionName } from '../../lib/access.ts';
import { FUNCTIONS } from '../../lib/functions.ts';
import type { Tally } from '../meter/tally.ts';
import * as prices from './prices.ts';

const SQS = new Set(['SendMessageBatch', 'ReceiveMessage', 'DeleteMessageBatch', 'ChangeMessageVisibility']);

/** What a million times the counted work would cost, in US dollars, by service. */
export type Price = { readonly writes: number; readonly reads: number; readonly queue: number; readonly api: number; readonly lambda: number };

/** `actions`: how many of them the tally is for. */
export function pricePerMillion(tally: Tally, actions: number): Price {
  const per = (count: number, price: number) => (count * price) / actions;
  return {
    writes: per(tally.sum('write'), prices.WRITE_UNITS),
    reads: per(tally.sum('read'), prices.READ_UNITS),
    queue: per(tally.sum('calls', ({ operation }) => SQS.has(operation)), prices.QUEUE_REQUESTS),
    api: per(tally.sum('calls', ({ caller }) => caller === 'api'), prices.API_REQUESTS),
    lambda: [...tally.invocations].reduce((sum, [name, count]) => sum + per(count, perMillionInvocations(name)), 0),
  };
}

export function totalOf(price: Price): number {
  return Object.values(price).reduce((sum, part) => sum + part, 0);
}

/** Lambda's part: a million invocations of a function. */
export function perMillionInvocations(name: string): number {
  const known = name as FunctionName;
  const gbSeconds = (FUNCTIONS[known].memoryMb / 1024) * (prices.BILLED_MS[known] / 1000);
  return gbSeconds * prices.LAMBDA_GB_SECOND * 1e6 + prices.LAMBDA_REQUESTS;
}
