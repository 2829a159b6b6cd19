import { chance } from './dice.ts';
import type { ServiceCall } from './service-call.ts';

/** What can happen to a call of a function to a service. "Effect": the service did what it was asked. */
export const FAULTS = {
  delay: 'takes up to half a second longer',
  stall: 'is held back while its function\'s messages go to another, and then takes effect',
  late: 'is held back until the caller has given up, and takes effect after that',
  throttle: 'is refused for being too much',
  'error-before': 'fails with a 5xx, without effect',
  'error-after': 'fails with a 5xx, after its effect',
  'drop-before': 'loses its connection, without effect',
  'drop-after': 'loses its connection after the effect',
  cut: 'takes effect, and half of its answer arrives',
  partial: 'is done in part: some keys unprocessed, some messages refused',
  stale: 'reads what was there some time ago',
  'crash-before': 'is the last thing its function ever tried',
  'crash-after': 'is the last thing its function ever did',
  freeze: 'takes effect, and its function stands still while its messages go to another',
} as const;

export type FaultKind = keyof typeof FAULTS;

/** What can happen to a message on its way to a function. */
export const DELIVERIES = {
  twice: 'two invocations at the same time',
  overdue: 'is handed over after its visibility timeout, when another may have it already',
  forgotten: 'is worked on, and comes again all the same',
} as const;

export type DeliveryKind = keyof typeof DELIVERIES;

/** Which calls; what is not named does not matter. */
export type CallFilter = Partial<Pick<ServiceCall, 'service' | 'operation' | 'caller' | 'table' | 'writes'>>;

/** A run of calls that all meet the same fate, counted among those that fit the filter. */
export type Burst = { readonly kind: FaultKind; readonly of: CallFilter; readonly from: number; readonly calls: number };

/** All that will happen, as data: the same plan treats the same calls alike. */
export type FaultPlan = {
  readonly seed: number;
  /** Probability per call. */
  readonly rates: Partial<Record<FaultKind, number>>;
  readonly bursts: readonly Burst[];
  /** Probability per delivery. */
  readonly deliveries: Partial<Record<DeliveryKind, number>>;
};

/**
 * Decides the fate of one call after the other. The k-th call of a function to an operation of a table has its own
 * throw, so that what happens elsewhere at the same time changes little.
 */
export class Fate {
  readonly #plan: FaultPlan;
  readonly #counts = new Map<string, number>();
  readonly #bursts = new Map<Burst, number>();

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  of(call: ServiceCall): { kind: FaultKind; dice: number } | undefined {
    const name = [call.caller, call.operation, call.table, call.index ?? ''].join(' ');
    const k = this.#next(name);
    const dice = chance(this.#plan.seed, 'dice', name, k);
    const burst = this.#burst(call);
    if (burst !== undefined) return { kind: burst, dice };
    let left = chance(this.#plan.seed, 'rate', name, k);
    for (const [kind, rate] of Object.entries(this.#plan.rates) as [FaultKind, number][]) {
      // Rates are of the calls that can meet this fate.
      if (!canMeet(call, kind)) continue;
      left -= rate;
      if (left < 0) return { kind, dice };
    }
    return undefined;
  }

  ofDelivery(functionName: string): DeliveryKind | undefined {
    let left = chance(this.#plan.seed, 'delivery', functionName, this.#next(`to ${functionName}`));
    for (const [kind, rate] of Object.entries(this.#plan.deliveries) as [DeliveryKind, number][]) {
      left -= rate;
      if (left < 0) return kind;
    }
    return undefined;
  }

  #burst(call: ServiceCall): FaultKind | undefined {
    let met: FaultKind | undefined;
    for (const burst of this.#plan.bursts) {
      if (!fits(call, burst.of) || !canMeet(call, burst.kind)) continue;
      const at = this.#bursts.get(burst) ?? 0;
      this.#bursts.set(burst, at + 1);
      if (at >= burst.from && at < burst.from + burst.calls) met ??= burst.kind;
    }
    return met;
  }

  #next(name: string): number {
    const k = this.#counts.get(name) ?? 0;
    this.#counts.set(name, k + 1);
    return k;
  }
}

function fits(call: ServiceCall, filter: CallFilter): boolean {
  return Object.entries(filter).every(([name, value]) => call[name as keyof CallFilter] === value);
}

function canMeet(call: ServiceCall, kind: FaultKind): boolean {
  if (kind === 'stale') return call.weak;
  if (kind === 'partial') return call.operation === 'BatchGetItem' || call.operation === 'SendMessageBatch';
  return true;
}
