import { civic } from '../../src/domain/civic.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { batchRef } from '../../src/service/batch-ref.ts';
import { redrive } from '../../src/service/redrive.ts';
import { requeue } from '../../src/service/requeue.ts';
import { Faults, NO_FAULTS, type Fault } from './core/faults.ts';
import { Draws, hashText } from './core/random.ts';
import { checkDevices } from './model/devices.ts';
import { Model } from './model/model.ts';
import { checkSeen } from './model/photos-seen.ts';
import { checkPhotos, nextLookMs } from './model/photos-settled.ts';
import { checkSettled, isQuiet } from './model/settled.ts';
import { checkVerified } from './model/verified.ts';
import { decideOn } from './phone/decide.ts';
import { Phone } from './phone/phone.ts';
import { person, type Act, type AdminOp, type Op, type Scenario } from './scenario/scenario.ts';
import { checkHoles } from './world/holes.ts';
import { EventSource, VISIBILITY_MS } from './world/event-source.ts';
import { request } from './world/network.ts';
import { World, type Failure } from './world/world.ts';

const MINUTE = 60_000;
/** After all faults have healed everything must come to rest within this virtual time (P13). */
const REST_MS = 90 * MINUTE;
const QUIET_DAYS_MS = 95 * 24 * 60 * MINUTE;
/** Long enough for all that is forgotten when no record names it. */
const WEEKS_MS = 15 * 24 * 60 * MINUTE;

export type RunOptions = {
  tracing?: boolean;
  /** Faults at named steps, besides those drawn. */
  planned?: ReadonlyMap<string, Fault>;
  /** Steps that go well whatever was drawn. */
  spared?: ReadonlySet<string>;
  /** Plants defects that are not in the code. */
  prepare?: (world: World) => void;
};

export type RunResult = {
  failure: Failure | undefined;
  steps: number;
  sometimes: ReadonlyMap<string, number>;
  lines: readonly string[];
  happened: ReadonlyMap<string, Fault>;
  /** The tasks of the first act, with the number of their steps: where faults can be planned. */
  tasks: readonly { name: string; steps: number }[];
};

/** Plays a scenario to its end, checking all the way. The same scenario and options give the same result. */
export async function play(scenario: Scenario, options: RunOptions = {}): Promise<RunResult> {
  const faults = new Faults(scenario.seed, options);
  const world = new World(faults, { visibilityMs: VISIBILITY_MS, ...(options.tracing ? { tracing: true } : {}) });
  options.prepare?.(world);
  const told = new Play(world, scenario);
  await told.run();
  const { failure, sometimes, lines, scheduler } = world;
  const tasks = world.tasks.slice(0, told.tasksOfFirstAct).map(({ name, steps }) => ({ name, steps }));
  return { failure, steps: scheduler.steps, sometimes, lines, happened: faults.happened, tasks };
}

class Play {
  readonly #world: World;
  readonly #scenario: Scenario;
  readonly #model: Model;
  readonly #phones: Map<string, Phone>;
  readonly #source: EventSource;
  readonly #draws: Draws;
  tasksOfFirstAct = 0;
  #named = 0;
  /** Operators who are busy with something. */
  #operators = 0;

  constructor(world: World, scenario: Scenario) {
    this.#world = world;
    this.#scenario = scenario;
    this.#model = new Model(world);
    this.#phones = new Map(scenario.devices.map((spec) => [spec.id, new Phone(world, this.#model, spec)]));
    this.#source = new EventSource(world);
    this.#draws = new Draws(scenario.seed, 'play');
    world.skewMs = scenario.skewMs;
  }

  async run(): Promise<void> {
    for (const act of this.#scenario.acts) {
      await this.#act(act);
      if (this.#world.failure) return;
      if (act.then === 'restore' || act.then === 'new epoch') await this.#restore(act);
      else await this.#rest(act);
      if (this.#world.failure) return;
      if (act.then === 'ninety days') await this.#passDays(QUIET_DAYS_MS);
      if (act.then === 'end' && this.#world.stores.attachments.rows().length > 0) await this.#outliveWeeks(act);
      if (this.#world.failure) return;
    }
    await checkHoles(this.#world, this.#model.ledger.history);
  }

  /** Everything that people do, with all that goes wrong meanwhile. */
  async #act(act: Act): Promise<void> {
    const { scheduler, faults } = this.#world;
    const begin = this.#world.now;
    faults.rates = act.rates;
    faults.outages = act.outages.map((outage) => ({ ...outage, from: begin + outage.from, to: begin + outage.to }));
    this.#world.poison = act.poison;
    this.#source.start();
    for (const op of act.ops) scheduler.at(begin + op.at, () => this.#op(op));
    const end = begin + Math.max(act.lastsMs, ...act.ops.map(({ at }) => at)) + this.#draws.pick([100, 5000, MINUTE]);
    await scheduler.run(() => this.#world.failure !== undefined || scheduler.now > end);
    this.tasksOfFirstAct ||= this.#world.tasks.length;
  }

  #op(op: Op): void {
    if ('device' in op) this.#phones.get(op.device)?.do(op.op, op.id);
    else void this.#admin(op.admin);
  }

  async #admin(op: AdminOp): Promise<void> {
    const world = this.#world;
    if (op.do === 'lose the queues') return this.#loseQueues();
    if (op.do === 'settle') {
      const open = this.#model.ledger.history.conflicts().filter(({ status }) => status === 'unresolved');
      const conflict = open[Math.floor(op.pick * open.length)];
      if (!conflict) return;
      const shown = { id: conflict.id, conflicting_fields: conflict.fields, server_version: conflict.serverVersion, client_data: conflict.client };
      const caller = actorOf(civic, person('ada'));
      await decideOn({ world, model: this.#model, caller, name: `ada decides ${++this.#named}`, conflict: shown, strategy: op.strategy, shown: true });
      return;
    }
    const dead = world.stores.inbox.rows().headers.filter(({ state }) => state === 'dead');
    const refs = dead.map(({ owner, batchId }) => batchRef(owner, batchId)).slice(0, op.all ? undefined : 1);
    if (refs.length === 0) return;
    const which = op.all ? { all: true } : { batch_ids: refs };
    const name = `redrives ${++this.#named}`;
    const by = (admin: string, discard: boolean) => request(world, `${admin} ${name}`, (deps) => redrive(deps, person(admin), { ...which, discard }));
    // Two admins who do not know of each other, and who do not agree: one of them decides.
    const two = world.faults.unit(hashText(name), 0, 60) < 0.3;
    if (two) world.count('two admins redrove at once');
    await Promise.all([by('ada', op.discard), ...(two ? [by('abe', !op.discard)] : [])]);
  }

  /** Operators fill the queues anew, and try again until that was done (runbook). */
  async #loseQueues(): Promise<void> {
    this.#operators++;
    this.#world.queue.purge();
    this.#world.letters.purge();
    this.#world.count('the queues were lost');
    const { epoch } = this.#world;
    for (let done = false; !done && epoch === this.#world.epoch; ) {
      await this.#world.scheduler.sleep(MINUTE);
      const ended = await this.#world.run(`requeue ${++this.#named}`, 10 * MINUTE, (deps) => requeue(deps));
      done = ended.kind === 'done' && ended.value.failed === 0;
    }
    this.#operators--;
  }

  /** Heals everything, and waits until all has come to rest; then all must be right. */
  async #rest(act: Act): Promise<void> {
    const { faults } = this.#world;
    faults.rates = NO_FAULTS;
    faults.outages = [];
    this.#world.poison = undefined;
    await this.#untilQuiet(false);
    for (let round = 0; round < 10 && this.#hasDead() && !this.#world.failure; round++) {
      // The list of the dead lags behind: who has just died is found by a later look.
      if (round > 0) await this.#finish(this.#world.scheduler.sleep(MINUTE));
      await this.#finish(this.#admin({ do: 'redrive', all: true, discard: this.#draws.chance(0.3) }));
      await this.#untilQuiet(false);
    }
    const isAway = ({ spec }: Phone) => act.then !== 'end' && act.away.includes(spec.id);
    const present = [...this.#phones.values()].filter((phone) => !isAway(phone));
    // Who is away is silent too: what comes in between would be held by some, and not yet by others.
    for (const phone of this.#phones.values()) if (isAway(phone)) phone.do({ do: 'restart' }, -1);
    for (const phone of present) {
      phone.do({ do: 'ask for types', types: undefined }, -1);
      phone.do({ do: 'get a new token', departments: person(phone.spec.user).departments }, -1);
    }
    for (let round = 0; round < 6 && !this.#world.failure; round++) {
      for (const phone of present) phone.do({ do: 'retry failed' }, -1);
      await this.#finish(Promise.all(present.map((phone) => phone.settle())));
      await this.#untilQuiet(true);
      if (present.every(({ unanswered, failed }) => unanswered + failed === 0)) break;
    }
    if (act.decides) await this.#decideAll(present);
    await this.#finish(Promise.all(present.map((phone) => phone.settle())));
    if (this.#world.failure) return;
    for (const { device, unanswered, failed } of present) {
      if (unanswered + failed > 0) this.#world.fail('P13', 'rest', `${device} still waits for ${unanswered + failed} answers`);
    }
    await checkSettled(this.#world, this.#model.ledger);
    checkPhotos(this.#world, this.#model.ledger.history, this.#model.ledger.photos);
    if (!this.#world.failure) await this.#finish(checkDevices(this.#world, this.#model, present));
    if (!this.#world.failure) await this.#finish(checkSeen(this.#world, this.#model.ledger.history, this.#model.ledger.photos));
    if (!this.#world.failure) await this.#finish(checkVerified(this.#world));
  }

  #hasDead(): boolean {
    return this.#world.stores.inbox.rows().headers.some(({ state }) => state === 'dead');
  }

  /** Every open conflict can be settled, by its owner or an admin. */
  async #decideAll(present: readonly Phone[]): Promise<void> {
    for (let round = 0; round < 5 && !this.#world.failure; round++) {
      const open = this.#model.ledger.history.conflicts().filter(({ status }) => status === 'unresolved');
      if (open.length === 0) return;
      for (const conflict of open) {
        const owner = present.find(({ spec }) => spec.user === conflict.user);
        const caller = owner?.actor ?? actorOf(civic, person('ada'));
        const strategy = this.#draws.pick(['server_wins', 'client_wins', 'merge', 'manual'] as const);
        const shown = { id: conflict.id, conflicting_fields: conflict.fields, server_version: conflict.serverVersion, client_data: conflict.client };
        await this.#finish(decideOn({ world: this.#world, model: this.#model, caller, name: `${caller.sub} settles ${++this.#named}`, conflict: shown, strategy, shown: this.#draws.chance(0.5) }));
      }
      await this.#untilQuiet(true);
    }
  }

  async #untilQuiet(deadToo: boolean): Promise<void> {
    const { scheduler } = this.#world;
    let until = scheduler.now + REST_MS;
    const isLate = () => {
      if (scheduler.now > until) until = Math.max(until, nextLookMs(this.#world) + 5 * MINUTE);
      return scheduler.now > until;
    };
    const quiet = () => this.#operators === 0 && isQuiet(this.#world, deadToo);
    await scheduler.run(() => this.#world.failure !== undefined || isLate() || quiet());
    if (this.#world.failure || quiet()) return;
    const { headers, notes } = this.#world.stores.inbox.rows();
    const left = `${this.#world.running} tasks, ${this.#world.queue.size} messages, ${this.#world.letters.size} dead letters, ${headers.map(({ owner, batchId, state }) => `${owner.device} ${batchId} ${state}`).join(', ')}, ${notes.length} notes, ${this.#world.bucket.underWay} photos under way`;
    this.#world.fail('P13', 'rest', `${REST_MS / MINUTE} minutes after the last fault there are still ${left}`);
  }

  /** Lets time pass until that is done. */
  async #finish(work: Promise<unknown>): Promise<void> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, (error: unknown) => {
      this.#world.fail('simulation', 'play', error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    const { scheduler } = this.#world;
    const bound = scheduler.now + REST_MS;
    await scheduler.run(() => done || this.#world.failure !== undefined || scheduler.now > bound);
    if (!done) this.#world.fail('P13', 'rest', 'requests take for ever though nothing is wrong any more');
  }

  /** Tables go back to an earlier moment (or only the epoch grows), and the queues are filled anew from them. */
  async #restore(act: Act): Promise<void> {
    const { now } = this.#world;
    const back = act.then === 'restore' ? this.#draws.next() * 4 * MINUTE : 0;
    this.#world.trace('operators', () => `restore the tables of ${Math.round(back / 1000)} s ago`);
    await this.#world.restore(now - back);
    if (this.#world.stores.inbox.rows().headers.some(({ state }) => state === 'pending')) this.#world.count('batches waited while the epoch was raised');
    this.#model.restore(now - back);
    this.#world.count(act.then === 'restore' ? 'tables were restored' : 'the epoch was raised');
    this.#world.faults.rates = NO_FAULTS;
    this.#world.faults.outages = [];
    await this.#finish(this.#world.run('requeue', 10 * MINUTE, (deps) => requeue(deps)));
  }

  /** What is left of photos when nobody names them for weeks; whatever went wrong before goes wrong at first. */
  async #outliveWeeks(act: Act): Promise<void> {
    await this.#passDays(WEEKS_MS);
    if (this.#world.failure) return;
    const { scheduler, faults } = this.#world;
    faults.rates = act.rates;
    this.#source.start();
    const end = scheduler.now + 4 * MINUTE;
    await scheduler.run(() => this.#world.failure !== undefined || scheduler.now > end);
    faults.rates = NO_FAULTS;
    await this.#untilQuiet(true);
    if (this.#world.failure) return;
    await checkSettled(this.#world, this.#model.ledger);
    checkPhotos(this.#world, this.#model.ledger.history, this.#model.ledger.photos);
  }

  async #passDays(lastMs: number): Promise<void> {
    const { scheduler, stores } = this.#world;
    for (const phone of this.#phones.values()) phone.do({ do: 'restart' }, -1);
    // What phones that were not waited for have just sent: servers do not rest for so long.
    await this.#untilQuiet(true);
    if (this.#world.failure) return;
    this.#world.cutOff();
    scheduler.leap(scheduler.now + lastMs);
    // TTL takes its time, and keeps to no order.
    const { faults, now } = this.#world;
    const late = faults.unit(hashText('late'), now, 61) < 0.5 ? 0.3 : 0;
    const isLate = (name: string) => faults.unit(hashText(name), now, 60) < late;
    stores.expire(scheduler.now, isLate);
    this.#world.journal.expire(scheduler.now, isLate);
    await this.#world.bucket.expire();
    this.#model.expire();
    this.#world.trace('time', () => `${Math.round(lastMs / 86_400_000)} quiet days pass`);
  }
}
