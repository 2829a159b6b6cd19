import { check, checkDue } from '../../../src/service/attachments/check.ts';
import { bury } from '../../../src/service/dead-letter.ts';
import type { Deps } from '../../../src/service/deps.ts';
import { Trouble } from '../../../src/service/errors.ts';
import { sweep } from '../../../src/service/sweeper.ts';
import { work } from '../../../src/service/worker.ts';
import { hashText } from '../core/random.ts';
import type { Task } from '../core/task.ts';
import type { ArrivalEvent } from './bucket.ts';
import type { Delivery } from './work-queue.ts';
import type { World } from './world.ts';

/** Shorter than deployed, in the same proportions, so that runs are short in virtual time too. */
export const VISIBILITY_MS = 40_000;
const LIMIT_MS = 30_000;
const MAX_RECEIVES = 4;
const MOST_MESSAGES = 10;
const SWEEP_MS = 60_000;

/**
 * Brings messages to workers, dead letters to their function, the bucket's events to the check of photos, and starts the
 * sweeper and that check every minute.
 */
export class EventSource {
  readonly #world: World;
  #sweeping = 0;
  /** How often each photo's arrival was told. */
  readonly #arrivals = new Map<string, number>();
  /** How often each message was handed out, moved back or not: no two times go alike. */
  readonly #delivered = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    world.onQueue = (group, at) => this.#soon(at, `queue ${group}`, () => this.#poll(group));
    world.onLetters = (group, at) => this.#soon(at, `letters ${group}`, () => this.#pollLetters(group));
    world.bucket.onArrival = (id, event) => this.#arrived(id, event);
  }

  /** Begins the sweeper's rounds, and looks at both queues anew. */
  start(): void {
    const round = ++this.#sweeping;
    const turn = () => {
      if (round !== this.#sweeping) return;
      this.#world.scheduler.after(SWEEP_MS, turn);
      const name = `sweeper at ${Math.round((this.#world.now % 86_400_000) / 1000)}`;
      void this.#world.run(name, LIMIT_MS, (deps) => sweep(deps));
      this.#checkPhotos();
    };
    this.#world.scheduler.after(SWEEP_MS, turn);
    for (const group of this.#world.queue.groups()) this.#poll(group);
    for (const group of this.#world.letters.groups()) this.#pollLetters(group);
  }

  /** The minute's check of all that is due; nothing is before there is any photo. */
  #checkPhotos(): void {
    const { stores, bucket, now } = this.#world;
    if (stores.attachments.rows().length === 0) return;
    const name = `photo check at ${Math.round((now % 86_400_000) / 1000)}`;
    this.#check(name, (deps, task) => checkDue(deps, bucket.port(task)));
  }

  /** The bucket's event, which only makes things quick. */
  #arrived(id: string, event: ArrivalEvent): void {
    const { scheduler, faults, bucket } = this.#world;
    if (event === 'never') return this.#world.count('an event of the bucket was lost');
    const times = event === 'twice' ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const told = (this.#arrivals.get(id) ?? 0) + 1;
      this.#arrivals.set(id, told);
      const coin = faults.unit(hashText(id), told, 22);
      const name = `photo check ${id.slice(0, 8)}#${told}`;
      const ms = event === 'late' ? 60_000 + coin * 20 * 60_000 : 20 + coin * 1000;
      scheduler.after(ms, () => this.#check(name, (deps, task) => check(deps, bucket.port(task), id)));
    }
  }

  #check(name: string, body: (deps: Deps, task: Task) => Promise<unknown>): void {
    void this.#world.run(name, LIMIT_MS, body).then((end) => {
      if (end.kind === 'dead') this.#world.count('a check of photos was killed');
      if (end.kind === 'threw' && !(end.error instanceof Trouble)) this.#world.fail('P13', 'photo check', `the function threw: ${String(end.error)}`);
    });
  }

  #soon(at: number, name: string, poll: () => void): void {
    const ms = 1 + this.#world.faults.unit(hashText(name), Math.round(at), 20) * 30;
    this.#world.scheduler.at(at + ms, poll);
  }

  #poll(group: string): void {
    const { queue, letters, faults } = this.#world;
    for (;;) {
      const exhausted = queue.takeExhausted(group, MAX_RECEIVES);
      if (!exhausted) break;
      this.#world.count('a message went to the dead letters');
      letters.take(exhausted);
    }
    const coin = faults.unit(hashText(group), Math.round(this.#world.now), 21);
    const deliveries = queue.receive(group, coin < 0.3 ? 1 : MOST_MESSAGES);
    const [first] = deliveries;
    if (!first) return;
    // One invocation may bring several groups.
    const other = coin > 0.85 ? queue.groups().find((one) => one !== group) : undefined;
    if (other !== undefined) deliveries.push(...queue.receive(other, 2));
    const name = `worker ${first.seq}#${first.receives}`;
    const times = (this.#delivered.get(first.id) ?? 0) + 1;
    this.#delivered.set(first.id, times);
    const key = `${first.id}#${times}`;
    this.#work(deliveries, name, key);
    if (!faults.chance('twice', hashText(key))) return;
    this.#world.count('a message came twice');
    this.#work(deliveries, `${name} again`, `${key} again`);
  }

  #work(deliveries: readonly Delivery[], name: string, key: string): void {
    const messages = deliveries.map(({ seq, receipt, receives, message }) => ({ id: String(seq), receipt, receiveCount: receives, body: message }));
    const { scheduler, queue } = this.#world;
    this.#world.trace(name, () => `receives ${deliveries.map(({ id }) => id).join(', ')}`);
    const ended = this.#world.run(
      name,
      LIMIT_MS,
      (deps, task) => work(deps, messages, () => LIMIT_MS - (scheduler.now - task.startedAt)),
      key,
    );
    const startedAt = this.#world.now;
    void ended.then((end) => {
      const late = end.kind === 'done' && this.#world.now - startedAt > VISIBILITY_MS;
      if (late) this.#world.count('a worker went on after its messages had gone to another');
      if (end.kind === 'dead') this.#world.killedWorkers++;
      if (end.kind === 'threw') this.#world.fail('P11', 'worker', `the worker function threw: ${String(end.error)}`);
      if (end.kind !== 'done') return;
      for (const { seq, receipt } of deliveries) if (!end.value.failed.includes(String(seq))) queue.complete(receipt);
    });
  }

  #pollLetters(group: string): void {
    const { letters, queue, faults } = this.#world;
    const deliveries = letters.receive(group, MOST_MESSAGES);
    const [first] = deliveries;
    if (!first) return;
    if (faults.chance('moveBack', hashText(first.id), first.receives)) {
      this.#world.count('dead letters were moved back to the queue');
      for (const delivery of deliveries) {
        letters.complete(delivery.receipt);
        queue.take(delivery);
      }
      return;
    }
    const ended = this.#world.run(
      `burial ${first.seq}#${first.receives}`,
      LIMIT_MS,
      (deps) => bury(deps, deliveries.map(({ seq, message }) => ({ id: String(seq), body: message }))),
      `burial ${first.id}#${first.receives}`,
    );
    void ended.then((end) => {
      if (end.kind === 'threw') this.#world.fail('P11', 'dead letters', `the function threw: ${String(end.error)}`);
      if (end.kind !== 'done') return;
      for (const { seq, receipt } of deliveries) if (!end.value.failed.includes(String(seq))) letters.complete(receipt);
    });
  }
}
