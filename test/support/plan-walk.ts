import fc from 'fast-check';
import { recordKey } from '../../src/engine/keys.ts';
import type { EntityRow } from '../../src/engine/model.ts';
import type { Work } from '../../src/engine/plan.ts';
import type { Json, JsonObject } from '../../src/protocol/json.ts';
import type { Strategy } from '../../src/protocol/primitives.ts';
import { officer, T0 } from './builders.ts';
import { Phone, TestScope } from './test-scope.ts';

/*
 * Random work of several devices on a few records of one scope, in rounds: what a device knows, it learned at the end
 * of an earlier round. A walk is data; it can be run with any cut of its rounds into commits.
 */

export type Step = {
  device: 'phone' | 'tablet' | 'desk';
  record: 'n-1' | 'n-2';
  act: 'create' | 'update' | 'delete';
  data: JsonObject;
  strategy: Strategy | undefined;
  base: 'version' | 'values' | 'none';
  /** Arrives so many rounds late, as a dead batch that someone redrives. */
  late: number;
};

export type Round = { syncs: Step['device'][]; steps: Step[] };

const sets = fc.uniqueArray(fc.constantFrom<Json>('a', 'b', 'c'), { maxLength: 3 });

const fields: { [field: string]: fc.Arbitrary<Json> } = {
  title: fc.constantFrom<Json>('T1', 'T2', 'T3'),
  color: fc.constantFrom<Json>('red', 'blue', 'black', null),
  body: fc.constantFrom<Json>('one\ntwo', 'ONE\ntwo', 'one\nTWO', ''),
  labels: fc.oneof(sets, sets.map((items) => ({ $add: items })), sets.map((items) => ({ $remove: items }))),
  votes: fc.oneof(fc.nat(3), fc.constantFrom(-1, 1, 2).map((by) => ({ $inc: by }))),
  high: fc.nat(5),
  team: fc.constantFrom<Json>('roads', 'parks', null),
};

const data = fc.record(fields, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

const steps: fc.Arbitrary<Step> = fc.record({
  device: fc.constantFrom('phone', 'tablet', 'desk'),
  record: fc.constantFrom('n-1', 'n-2'),
  act: fc.oneof({ weight: 6, arbitrary: fc.constant('update' as const) }, { weight: 1, arbitrary: fc.constantFrom('create' as const, 'delete' as const) }),
  data,
  strategy: fc.constantFrom(undefined, undefined, 'server_wins', 'client_wins', 'merge', 'manual'),
  base: fc.constantFrom('version', 'version', 'values', 'none'),
  late: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }),
});

export const walks: fc.Arbitrary<Round[]> = fc.array(
  fc.record({ syncs: fc.subarray<Step['device']>(['phone', 'tablet', 'desk']), steps: fc.array(steps, { maxLength: 5 }) }),
  { maxLength: 8 },
);

/** An action on its way, with what its device knew when it was made. */
export type Made = { work: Work & { kind: 'action' }; step: Step; seen: EntityRow | undefined };

/** The devices of a walk: alice's phone and tablet, and the desk of an officer of the roads. */
export class Crew {
  readonly scope = new TestScope();
  readonly phones = {
    phone: new Phone('phone'),
    tablet: new Phone('tablet'),
    desk: new Phone('desk', officer('bob', 'roads')),
  };
  readonly #seen = new Map<string, EntityRow>();
  readonly #late: { round: number; made: Made }[] = [];
  #round = 0;

  constructor() {
    const { phone } = this.phones;
    this.scope.commit(phone.create('n-1', { title: 'T0', team: 'roads', color: 'grey', body: 'one\ntwo', labels: ['a'] }));
  }

  /** The actions that reach the server in this round, in order. */
  round({ syncs, steps: list }: Round): Made[] {
    this.#round++;
    this.scope.at = T0 + this.#round * 1000;
    for (const device of syncs) {
      for (const [key, row] of this.scope.rows) this.#seen.set(`${device} ${key}`, row);
    }
    const due = this.#late.filter((late) => late.round === this.#round).map(({ made }) => made);
    const now: Made[] = [];
    for (const step of list) {
      const made = this.#make(step);
      if (step.late > 0) this.#late.push({ round: this.#round + step.late, made });
      else now.push(made);
    }
    return [...due, ...now];
  }

  #make(step: Step): Made {
    const phone = this.phones[step.device];
    const seen = this.#seen.get(`${step.device} ${recordKey(this.scope.scope, this.scope.scope, 'note', step.record)}`);
    const over = {
      ...(step.strategy ? { strategy: step.strategy } : {}),
      ...(seen && step.base === 'version' ? { baseVersion: seen.version } : {}),
      ...(seen && step.base === 'values' ? { base: seen.fields } : {}),
      ...(step.late > 0 ? { accepted: { redrivenBy: { ...phone.claims, scopes: [] } } } : {}),
    };
    if (step.act === 'create') return { work: phone.create(step.record, { title: 'T', ...step.data }, over), step, seen };
    if (step.act === 'delete') return { work: phone.remove(step.record, over), step, seen };
    return { work: phone.update(step.record, step.data, over), step, seen };
  }
}
