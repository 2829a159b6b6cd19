import { setTimeout as sleep } from 'node:timers/promises';
import { Fate, type DeliveryKind, type FaultKind, type FaultPlan } from './fault-plan.ts';
import type { Forward, Intercept } from './fault-proxy.ts';
import { EVERYONE, ofLane, type Lane } from './lane.ts';
import { objectOf, type Json, type ServiceCall } from './service-call.ts';
import { dynamoAnswer, failed, sqsAnswer, throttled, type WireAnswer } from './service-errors.ts';
import { WeakReads } from './weak-reads.ts';

/** The environments that functions run in, by access key. */
export interface Environments {
  crash(caller: string): Promise<void>;
  freeze(caller: string, ms: number): void;
  /** What the function is at work on is given to another. */
  overtake(caller: string, lane: Lane): Promise<void>;
}

/** Nobody waits this long for an answer. */
const LONGEST_MS = 20_000;
/** Longest time that a worker may hide a message for, s: tests can't wait a minute for the next try. */
const LONGEST_DELAY_SECONDS = 1;

/** Makes trouble between functions and services, by a plan that can be changed at any time. */
export class ServiceFaults {
  /** How often each happened. */
  readonly counts = new Map<FaultKind | DeliveryKind, number>();
  calls = 0;
  environments: Environments | undefined;
  readonly #weak = new WeakReads();
  readonly #late = new Map<Promise<unknown>, Lane>();
  readonly #fates = new Map<Lane, Fate>();

  plan(plan: FaultPlan, lane: Lane = EVERYONE): void {
    this.#fates.set(lane, new Fate(plan));
  }

  /** No more faults. Resolves when what was held back has arrived too. */
  async heal(lane: Lane = EVERYONE): Promise<void> {
    this.#fates.delete(lane);
    const late = () => [...this.#late].filter(([, of]) => of === lane || lane === EVERYONE).map(([work]) => work);
    while (late().length > 0) await Promise.allSettled(late());
  }

  delivery(functionName: string, lane: Lane): DeliveryKind | undefined {
    const kind = ofLane(this.#fates, lane)?.ofDelivery(functionName);
    if (kind !== undefined) this.#count(kind);
    return kind;
  }

  readonly intercept: Intercept = async (call, forward, gone) => {
    this.calls++;
    const fate = ofLane(this.#fates, call.lane)?.of(call);
    if (fate === undefined) return this.#plain(call, forward);
    this.#count(fate.kind);
    return this.#suffer(call, fate.kind, fate.dice, forward, gone);
  };

  async #suffer(
    call: ServiceCall, kind: FaultKind, dice: number, forward: Forward, gone: Promise<unknown>,
  ): ReturnType<Intercept> {
    switch (kind) {
      case 'delay':
        await sleep(50 + dice * 450);
        return this.#plain(call, forward);
      case 'stall':
        await this.environments?.overtake(call.caller, call.lane);
        await this.#held(call, sleep(awhile(dice)));
        return this.#plain(call, forward);
      case 'late':
        await this.#held(call, Promise.race([gone, sleep(LONGEST_MS, undefined, { ref: false })])
          .then(() => sleep(dice * 500)).then(() => this.#plain(call, forward)));
        return { lost: true };
      case 'throttle':
        return throttled(call, dice);
      case 'error-before':
        return failed(call, dice);
      case 'error-after':
        await forward();
        return failed(call, dice);
      case 'drop-before':
        return { lost: true };
      case 'drop-after':
        await forward();
        return { lost: true };
      case 'cut':
        return { lost: true, cut: await forward() };
      case 'partial':
        return partly(call, dice, forward);
      case 'stale':
        return this.#stale(call, dice, forward);
      case 'crash-before':
        await this.environments?.crash(call.caller);
        return { lost: true };
      case 'crash-after':
        await forward();
        await this.environments?.crash(call.caller);
        return { lost: true };
      case 'freeze': {
        const answer = await forward();
        await this.environments?.overtake(call.caller, call.lane);
        this.environments?.freeze(call.caller, awhile(dice));
        return answer;
      }
    }
  }

  async #plain(call: ServiceCall, forward: Forward): Promise<WireAnswer> {
    if (call.operation === 'ChangeMessageVisibility' && Number(call.body['VisibilityTimeout']) > LONGEST_DELAY_SECONDS) {
      return forward(Buffer.from(JSON.stringify({ ...call.body, VisibilityTimeout: LONGEST_DELAY_SECONDS })));
    }
    const answer = await forward();
    if (call.index !== undefined && answer.status === 200) this.#weak.note(call, contentOf(answer));
    return answer;
  }

  async #stale(call: ServiceCall, dice: number, forward: Forward): Promise<WireAnswer> {
    const answer = await forward();
    return answer.status === 200 ? dynamoAnswer(200, this.#weak.stale(call, contentOf(answer), dice)) : answer;
  }

  async #held<T>({ lane }: ServiceCall, work: Promise<T>): Promise<T> {
    this.#late.set(work, lane);
    try {
      return await work;
    } finally {
      this.#late.delete(work);
    }
  }

  #count(kind: FaultKind | DeliveryKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}

/** Long enough for another to begin, too short for a client's timeout of three seconds; ms. */
function awhile(dice: number): number {
  return 300 + 1500 * dice;
}

/** Some of a batch, and the rest by name, as both services may at any time. */
async function partly({ operation, body }: ServiceCall, dice: number, forward: Forward): Promise<WireAnswer> {
  if (operation === 'SendMessageBatch') {
    const entries = body['Entries'] as { Id: string }[];
    const taken = entries.slice(0, Math.floor(dice * entries.length));
    const refused = entries.slice(taken.length).map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'Try again.' }));
    if (taken.length === 0) return sqsAnswer(200, { Successful: [], Failed: refused });
    const answer = await forward(Buffer.from(JSON.stringify({ ...body, Entries: taken })));
    return answer.status === 200 ? sqsAnswer(200, { ...contentOf(answer), Failed: refused }) : answer;
  }
  const [[table, asked] = ['', {}]] = Object.entries(objectOf(body['RequestItems']));
  const keys = objectOf(asked)['Keys'] as Json[];
  const taken = keys.slice(0, Math.max(1, Math.floor(dice * keys.length)));
  const rest = { [table]: { ...objectOf(asked), Keys: keys.slice(taken.length) } };
  const answer = await forward(Buffer.from(JSON.stringify({ ...body, RequestItems: { [table]: { ...objectOf(asked), Keys: taken } } })));
  if (answer.status !== 200 || taken.length === keys.length) return answer;
  return dynamoAnswer(200, { ...contentOf(answer), UnprocessedKeys: rest });
}

function contentOf({ body }: WireAnswer): { [key: string]: Json } {
  return JSON.parse(body.toString()) as { [key: string]: Json };
}
