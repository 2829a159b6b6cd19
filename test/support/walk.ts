import fc from 'fast-check';
import type { Phone } from '../../local/demo/phone.ts';
import type { Strategy } from '../../src/protocol/primitives.ts';
import type { UploadResponse, WireAction } from '../../src/protocol/upload.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { listConflicts } from '../../src/service/conflicts.ts';
import { SyncError, Trouble } from '../../src/service/errors.ts';
import { resolveConflict } from '../../src/service/resolve.ts';
import { mortal, overtaken } from './faults.ts';
import { citizen, createWorld, officer, workOn, type World } from './world.ts';

type Edit = { kind: 'edit'; who: number; what: number; field: number; value: number; strategy: Strategy | undefined };

type Resolve = { kind: 'resolve'; who: number; what: number; strategy: Strategy; asShown: boolean };

/** One thing that happens in a random walk. `who` and `what` are taken modulo what there is. */
export type Step =
  | { kind: 'create' | 'delete' | 'push' | 'push unheard' | 'pull' | 'pull page'; who: number; what: number }
  | Edit
  | Resolve
  | { kind: 'deliver' | 'deliver twice' | 'deliver at once'; max: number }
  | { kind: 'worker dies'; at: number; when: 'before' | 'after' }
  /** One worker stands still before its call `at`; another one works on the same meanwhile, and may die at it. */
  | { kind: 'workers cross'; at: number; dies: number | undefined }
  | { kind: 'time passes'; minutes: number };

const who = fc.nat(20);
const strategy = fc.constantFrom<Strategy | undefined>(undefined, undefined, 'server_wins', 'client_wins', 'merge', 'manual');

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('create' as const), who, what: who }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('edit' as const), who, what: who, field: who, value: fc.nat(3), strategy }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), who, what: who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('resolve' as const),
      who,
      what: who,
      strategy: fc.constantFrom<Strategy>('server_wins', 'client_wins', 'merge', 'manual'),
      asShown: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), who, what: who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('push unheard' as const), who, what: who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('pull' as const, 'pull page' as const), who, what: who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('deliver' as const, 'deliver twice' as const, 'deliver at once' as const),
      max: fc.integer({ min: 1, max: 10 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('worker dies' as const),
      at: fc.nat(12),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('workers cross' as const),
      at: fc.nat(30),
      dies: fc.option(fc.nat(20), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time passes' as const), minutes: fc.integer({ min: 1, max: 60 }) }) },
);

export const steps = fc.array(step, { minLength: 5, maxLength: 80, size: 'max' });

/** An action as it was sent, with what its phone held of the record when its user did it. */
export type Done = { user: string; device: string; action: WireAction; heldVersion: number | undefined };

const CLAIMS = [citizen('alice'), citizen('alice'), officer('olga', 'roads'), officer('omar', 'roads', 'water')];

/** Two phones of one citizen and two officers, and everything that went through the queue between them. */
export class Walk {
  readonly world: World;
  readonly phones: Phone[];
  readonly done: Done[] = [];
  /** Answers that were heard, for comparing with what happened. */
  readonly answers: UploadResponse[] = [];
  readonly #ids: { type: 'report' | 'task'; id: string }[] = [];

  constructor(seed: number) {
    this.world = createWorld({ seed });
    this.phones = CLAIMS.map((claims, i) =>
      this.world.phone(claims, {
        deviceId: `phone-${i}`,
        // Both forms of following, small pages, and one that knows only the older contract.
        follow: i % 2 === 0 ? 'cursor' : 'since',
        limit: i === 3 ? 2 : 200,
        plain: i === 1,
      }),
    );
  }

  static claimsOf(index: number) {
    const claims = CLAIMS[index];
    if (!claims) throw new Error(`nobody is number ${index}`);
    return claims;
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'edit':
        return this.#edit(step);
      case 'resolve':
        return this.#resolve(step);
      case 'deliver':
        return void (await this.world.deliver({ max: step.max }));
      case 'deliver twice':
        await this.world.deliver({ max: step.max, forget: true });
        return this.world.clock.advance(181_000);
      case 'deliver at once':
        return this.#race(step.max);
      case 'workers cross':
        return this.#cross(step.at, step.dies);
      case 'worker dies':
        await this.world.deliver({ deps: mortal(this.world.deps, step.at, step.when).deps });
        return;
      case 'time passes':
        await this.world.clock.advance(step.minutes * 60_000);
        return this.world.sweep();
      default:
        return this.#act(step);
    }
  }

  /** Two workers with the same messages: neither knows of the other. */
  async #race(max: number): Promise<void> {
    const received = await this.world.ports.queue.receive(max);
    const failed = await Promise.all([workOn(this.world.deps, received), workOn(this.world.deps, [...received].reverse())]);
    for (const { receipt } of received) if (!failed[0]?.has(receipt)) await this.world.ports.queue.delete(receipt);
  }

  async #cross(at: number, dies: number | undefined): Promise<void> {
    const received = await this.world.ports.queue.receive(10);
    const other = dies === undefined ? this.world.deps : mortal(this.world.deps, dies, 'before').deps;
    const slow = overtaken(this.world.deps, at, () => workOn(other, received));
    const failed = await workOn(slow, received);
    for (const { receipt } of received) if (!failed.has(receipt)) await this.world.ports.queue.delete(receipt);
  }

  async #edit({ who, what, field, value, strategy }: Edit): Promise<void> {
    const { phone, index } = await this.#turn(who);
    const target = this.#target(what);
    if (!target) return;
    const more = strategy ? { conflict_strategy: strategy } : {};
    this.#note(phone, index, phone.edit(target.type, target.id, edit(target.type, index >= 2, field, value), more));
  }

  /** The decision is queued; nobody waits for it here, and the same may be decided again before it is done. */
  async #resolve({ who, what, strategy, asShown }: Resolve): Promise<void> {
    const { index } = await this.#turn(who);
    const caller = actorOf(this.world.deps.engine.domain, Walk.claimsOf(index));
    const { conflicts } = await listConflicts(this.world.deps, caller, {});
    const conflict = conflicts[what % Math.max(1, conflicts.length)];
    if (!conflict) return;
    const data = Object.fromEntries(conflict.conflicting_fields.map((field) => [field, conflict.client_data?.[field] ?? null]));
    const request = {
      conflict_id: conflict.id,
      strategy,
      ...(strategy === 'manual' ? { resolved_data: data } : {}),
      ...(asShown ? { server_version: conflict.server_version } : {}),
    };
    try {
      await resolveConflict(this.world.deps, caller, request, 0);
    } catch (error) {
      if (!(error instanceof Trouble || error instanceof SyncError)) throw error;
    }
  }

  async #act({ kind, who, what }: Exclude<Extract<Step, { who: number }>, Edit | Resolve>): Promise<void> {
    const { phone, index } = await this.#turn(who);
    switch (kind) {
      case 'push':
        return void this.answers.push(...[await phone.push()].filter((answer) => answer !== undefined));
      case 'push unheard':
        return this.#pushUnheard(phone, index);
      case 'pull':
        return void (await phone.pull());
      case 'pull page':
        return void (await phone.pullPage());
      case 'create':
        return this.#create(phone, index, what);
      case 'delete': {
        const target = this.#target(what);
        if (target) this.#note(phone, index, phone.delete(target.type, target.id));
      }
    }
  }

  /** A user does one thing after the other: no two at the same millisecond. */
  async #turn(who: number): Promise<{ phone: Phone; index: number }> {
    await this.world.clock.advance(1);
    const index = who % this.phones.length;
    const phone = this.phones[index];
    if (!phone) throw new Error(`there is no phone ${index}`);
    return { phone, index };
  }

  /** Also records that the phone does not hold, or may not even see: links are passed on. */
  #target(what: number): { type: 'report' | 'task'; id: string } | undefined {
    return this.#ids[what % Math.max(1, this.#ids.length)];
  }

  #create(phone: Phone, index: number, what: number): void {
    const type = index >= 2 && what % 2 === 0 ? 'task' : 'report';
    const place = what % 3 === 0 ? 'water' : 'roads';
    const data = type === 'task' ? { department: 'roads', title: 'Task', assignee: 'alice' } : { title: 'Report', category: place };
    const action = phone.create(type, data);
    this.#ids.push({ type, id: action.client_id });
    this.#note(phone, index, action);
  }

  #note(phone: Phone, index: number, action: WireAction): void {
    const held = action.entity_id === undefined ? undefined : phone.holdings.find(action.entity_type, String(action.entity_id));
    this.done.push({ user: Walk.claimsOf(index).sub, device: phone.deviceId, action, heldVersion: held?.version });
  }

  /** The server hears it, the phone hears nothing. */
  async #pushUnheard(phone: Phone, index: number): Promise<void> {
    if (phone.outbox.length === 0) return;
    await this.world.server(Walk.claimsOf(index)).upload({ device_id: phone.deviceId, actions: [...phone.outbox] });
  }

  /** Faults are over: every phone sends until all has its last word, and downloads. */
  async comeToRest(): Promise<void> {
    await this.world.heal();
    for (const phone of this.phones) {
      for (let i = 0; phone.outbox.length > 0; i++) {
        if (i > 5) throw new Trouble(`${phone.deviceId} never hears the last word`, undefined);
        await phone.push();
        await this.world.heal();
      }
    }
    await this.world.heal();
    for (const phone of this.phones) await phone.pull();
  }
}

function edit(type: 'report' | 'task', officer: boolean, field: number, value: number) {
  const citizens = ['title', 'description', 'category', 'tags'];
  const officers = type === 'task' ? ['title', 'notes', 'assignee', 'visits'] : ['resolution_note', 'status'];
  const assignees = ['notes', 'visits'];
  const fields = officer ? officers : type === 'task' ? assignees : citizens;
  const name = fields[field % fields.length] ?? 'title';
  switch (name) {
    case 'category':
      return { category: value % 2 === 0 ? 'water' : 'roads' };
    case 'assignee':
      return { assignee: value === 0 ? null : value === 1 ? 'nobody' : 'alice' };
    case 'status':
      return { status: value % 2 === 0 ? 'in_progress' : 'resolved' };
    case 'tags':
      return { tags: value % 2 === 0 ? [`t${value}`] : { $add: [`t${value}`] } };
    case 'visits':
      return { visits: { $inc: value } };
    default:
      return { [name]: `${name} ${value}` };
  }
}
