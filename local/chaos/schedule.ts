import { Dice } from './dice.ts';
import type { Burst, CallFilter, FaultKind, FaultPlan } from './fault-plan.ts';
import type { ChaosMode } from './modes.ts';

/** All that one seed means: what will go wrong, and how much is done meanwhile. */
export type Schedule = {
  readonly seed: number;
  readonly faults: FaultPlan;
  /** The phones' network; none: a good one. */
  readonly network: ChaosMode | undefined;
  /** Rounds of every device. */
  readonly rounds: number;
};

/** Everything that may go wrong by itself, a little of each. Zombies and late effects cost seconds, so there are few. */
const DRIZZLE: FaultPlan['rates'] = {
  delay: 0.02, throttle: 0.01, 'error-before': 0.01, 'error-after': 0.015, 'drop-before': 0.01, 'drop-after': 0.015, cut: 0.01,
  partial: 0.1, stale: 0.5, late: 0.001, stall: 0.001,
};

const WORKER = 'worker';
/** Where it matters most whether a call took effect. */
const PLACES: readonly CallFilter[] = [
  { caller: WORKER, table: 'scope_log', operation: 'PutItem' },
  { caller: WORKER, table: 'scope_log', operation: 'UpdateItem' },
  { caller: WORKER, table: 'entities', writes: true },
  { caller: WORKER, table: 'offline_actions_log', writes: true },
  { caller: WORKER, table: 'sync_conflicts', writes: true },
  { caller: WORKER, table: 'upload_inbox', writes: true },
  { caller: WORKER, service: 'sqs', operation: 'SendMessageBatch' },
  { caller: 'upload', table: 'upload_inbox', writes: true },
  { caller: 'upload', service: 'sqs' },
  { caller: 'download', table: 'client_sync_state' },
  { caller: 'deadletter' },
];

const ENDS: readonly FaultKind[] = ['crash-before', 'crash-after', 'freeze', 'stall', 'late'];
const OUTAGES: readonly FaultKind[] = ['throttle', 'error-before', 'error-after', 'drop-before', 'drop-after', 'cut'];
const OUT: readonly CallFilter[] = [
  { service: 'dynamodb' }, { service: 'sqs' }, { service: 'dynamodb', writes: true },
  { table: 'scope_log' }, { table: 'entities' }, { table: 'upload_inbox' }, { table: 'offline_actions_log' }, { caller: WORKER },
];
const NETWORKS: readonly (ChaosMode | undefined)[] = [undefined, undefined, 'flaky', 'lossy-answers', 'server-errors'];

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const dice = new Dice(seed, 'schedule');
  const bursts: Burst[] = [];
  // An end at one of the places, at one of the first times that somebody comes there.
  for (let ends = dice.int(1, 4); ends > 0; ends--) {
    bursts.push({ kind: dice.pick(ENDS), of: dice.pick(PLACES), from: dice.int(0, 12), calls: 1 });
  }
  // Longer than the three tries of a client.
  for (let outages = dice.int(0, 2); outages > 0; outages--) {
    bursts.push({ kind: dice.pick(OUTAGES), of: dice.pick(OUT), from: dice.int(0, 150), calls: dice.int(3, 40) });
  }
  return {
    seed,
    faults: {
      seed,
      rates: dice.hits(0.8) ? DRIZZLE : { stale: 1, partial: 0.5 },
      bursts,
      deliveries: { twice: 0.15, forgotten: 0.05, overdue: 0.02 },
    },
    network: dice.pick(NETWORKS),
    rounds: dice.int(3, 4),
  };
}
