import type { Scope } from '../engine/model.ts';
import type { Deps } from './deps.ts';
import { HoleInLog, Trouble } from './errors.ts';
import { hold, type NoteMessage } from './parked.ts';
import { PendingOf, together, workOf, type Batch } from './pending.ts';
import type { BatchHeader, Owner } from './ports/inbox.ts';
import type { Message } from './ports/queue.ts';
import { nameOf, openLog } from './redo.ts';
import { UNKNOWN_ERRORS_UNTIL_DEAD, workerDelaySeconds } from './retry-policy.ts';
import { looksOf, Refused, Session } from './session.ts';

/** A message as received. `receiveCount` is 1 the first time. */
export type ReceivedMessage = { id: string; receipt: string; receiveCount: number; body: Message };

/** Tries that ended without a word and count as one unknown error (design 4, Worker). */
const SILENT_TRIES = 5;
/** How often a scope is begun again because others commit to it, before SQS is asked to wait. */
const RESTARTS = 20;
/** Time kept to answer before the function's limit. */
const RESERVE_MS = 3000;
/** Time that must be left when a try is written down: with less, slow calls alone would end it without a word. */
const TRY_MS = 20_000;

/**
 * Applies what messages point to, scope by scope. Done or not is decided by `client_id` alone, so messages may come
 * late, twice or at once (P2). Returns the ids of messages that must come again; within a scope all or none.
 */
export async function work(
  deps: Deps,
  messages: readonly ReceivedMessage[],
  remainingMs: () => number,
): Promise<{ failed: string[] }> {
  const groups = new Map<Scope, ReceivedMessage[]>();
  for (const message of messages) {
    const scope = message.body.kind === 'note' ? message.body.note.scope : message.body.scope;
    groups.set(scope, [...(groups.get(scope) ?? []), message]);
  }
  const failed = await Promise.all([...groups].map(([scope, group]) => workGroup(deps, scope, group, remainingMs)));
  return { failed: failed.flat() };
}

async function workGroup(
  deps: Deps,
  scope: Scope,
  group: readonly ReceivedMessage[],
  remainingMs: () => number,
): Promise<string[]> {
  try {
    await new ScopeWork(deps, scope, group, remainingMs).run();
    return [];
  } catch (error) {
    if (error instanceof HoleInLog) {
      deps.report.alarm('hole_in_log', { scope: deps.ids.hash(scope), n: error.missing });
      deps.report.count('holes');
    } else deps.report.warn('scope_failed', { scope: deps.ids.hash(scope), error: nameOf(error) });
    deps.report.count('worker_retries');
    await Promise.all(
      group.map((message) =>
        deps.queue
          .delay(message.receipt, workerDelaySeconds(message.receiveCount, deps.ids.random()))
          // Then it comes back when its visibility ends.
          .catch((late: unknown) => deps.report.warn('delay_failed', { error: nameOf(late) })),
      ),
    );
    return group.map((message) => message.id);
  }
}

class ScopeWork {
  readonly #deps: Deps;
  readonly #scope: Scope;
  readonly #owners: Owner[] = [];
  readonly #notes: NoteMessage[] = [];
  /** As holder of parked notes. */
  readonly #id: string;
  readonly #remainingMs: () => number;
  /** One batch at a time: after a failed receive, or once an unknown error showed up. */
  #careful: boolean;
  readonly #begun = new Set<string>();
  /** Tries that are written down and have not said how they ended. */
  readonly #trying = new Map<string, BatchHeader>();
  readonly #failedNow = new Set<string>();

  constructor(deps: Deps, scope: Scope, group: readonly ReceivedMessage[], remainingMs: () => number) {
    this.#deps = deps;
    this.#scope = scope;
    this.#remainingMs = remainingMs;
    this.#id = deps.ids.uuid();
    this.#careful = group.some((message) => message.receiveCount > 1);
    for (const { body } of group) {
      if (body.kind === 'note') this.#notes.push({ ...body });
      else if (!this.#owners.some((o) => o.user === body.owner.user && o.device === body.owner.device)) {
        this.#owners.push(body.owner);
      }
    }
  }

  async run(): Promise<void> {
    try {
      await this.#untilDone();
    } finally {
      await this.#endTries();
    }
  }

  async #untilDone(): Promise<void> {
    for (let restart = 0; restart < RESTARTS; restart++) {
      try {
        if (await this.#once()) return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
      this.#checkTime();
    }
    throw new Trouble('others keep committing to this scope', undefined);
  }

  #checkTime(needed = RESERVE_MS): void {
    if (this.#remainingMs() < needed) throw new Trouble('out of time', undefined);
  }

  /** One pass from the head. False: a batch failed in a new way; the pass must begin again without it. */
  async #once(): Promise<boolean> {
    const session = new Session(this.#deps, this.#scope, await openLog(this.#deps, this.#scope));
    if (this.#notes.length > 0) {
      await this.#hold(this.#notes.filter(({ parked }) => parked !== undefined));
      const looks = await looksOf(this.#deps, this.#notes.map(({ note }) => note));
      await session.load(looks);
      await session.commit(looks, { beforeFence: () => this.#hold(this.#notes) });
      for (const { note, parked } of this.#notes) if (parked !== undefined) await this.#deps.inbox.unpark(note.scope, parked, this.#id);
      this.#notes.length = 0;
    }
    for (const owner of this.#owners) {
      const pending = new PendingOf(this.#scope, await this.#deps.inbox.headers(owner), this.#failedNow);
      const batches = await this.#payloads(pending.take());
      const runs = this.#careful ? batches.map((batch) => [batch]) : together(batches);
      for (const run of runs) if (!(await this.#apply(session, run, pending))) return false;
      if (pending.more) await this.#sendAgain(owner);
    }
    return true;
  }

  /**
   * Before a commit without content: should its answer be lost after another worker completed the message, nothing would
   * be left that brings `applied` over it (P13). In each pass anew: when who held it last is done, the log is longer than
   * any other holder has read, whose commit is then refused.
   */
  async #hold(messages: readonly NoteMessage[]): Promise<void> {
    for (const message of messages) message.parked = await hold(this.#deps, message, this.#id);
  }

  async #payloads(headers: BatchHeader[]): Promise<Batch[]> {
    if (headers.length === 0) return [];
    const payloads = await this.#deps.inbox.payloads(headers);
    const batches: Batch[] = [];
    for (const header of headers) {
      const actions = payloads.get(header.batchId);
      // The payload goes first when a finished batch is removed: what is left is only its header.
      if (actions) batches.push({ header, actions });
      else await this.#deps.inbox.remove(header);
    }
    return batches;
  }

  /** Applies batches together and removes those that are finished. False: an unknown error was noted. */
  async #apply(session: Session, batches: Batch[], pending: PendingOf): Promise<boolean> {
    this.#checkTime();
    const [first] = batches;
    if (!first) return true;
    if (this.#careful && !(await this.#begin(first.header))) return false;
    try {
      const items = batches.flatMap((batch) => workOf(this.#deps, batch, pending));
      await session.load(items);
      const oneByOne = batches.some(({ header }) => header.attempts > 0);
      await session.commit(items, oneByOne ? { maxActions: 1 } : {});
    } catch (error) {
      if (error instanceof Trouble || error instanceof Refused || error instanceof HoleInLog) throw error;
      if (batches.length > 1) {
        this.#careful = true;
        return false;
      }
      await this.#noteError(first.header, nameOf(error));
      return false;
    }
    for (const batch of batches) await this.#finish(session, batch);
    // Before the next is begun: a crash then leaves its trace on that one alone.
    await this.#endTries();
    return true;
  }

  /** Writes that this batch is tried, before it is: a crash must leave a trace. Five silent ones are one error. */
  async #begin(header: BatchHeader): Promise<boolean> {
    if (this.#begun.has(header.batchId)) return true;
    this.#checkTime(TRY_MS);
    this.#begun.add(header.batchId);
    if (header.trying + 1 >= SILENT_TRIES) {
      await this.#noteError(header, 'NoWord');
      return false;
    }
    const read = { ...header };
    header.trying += 1;
    // Before it is known to be written: where the answer is lost, the word that ends the try must still come.
    this.#trying.set(header.batchId, header);
    const begun = await this.#deps.inbox.change(read, { trying: header.trying });
    if (!begun) this.#trying.delete(header.batchId);
    return begun;
  }

  /**
   * Trouble is a word, and so is waiting behind another batch: only silence may kill (an outage must not). A word ends the
   * row of silent tries, whatever its length: some words get lost, and over hours they would add up.
   */
  async #endTries(): Promise<void> {
    const begun = [...this.#trying.values()];
    this.#trying.clear();
    await Promise.allSettled(begun.map((header) => this.#deps.inbox.change(header, { trying: 0 })));
  }

  async #noteError(header: BatchHeader, error: string): Promise<void> {
    const attempts = header.attempts + 1;
    const dead = attempts >= UNKNOWN_ERRORS_UNTIL_DEAD;
    const now = this.#deps.clock.now();
    this.#failedNow.add(header.batchId);
    const change = { attempts, trying: 0, lastError: error, ...(dead ? { state: 'dead' as const, changedAt: now } : {}) };
    const fields = { batch: header.batchId, attempts, error };
    // Before it is written: should the answer be lost, no worker comes by this batch again.
    if (dead) this.#deps.report.alarm('batch_dead', fields);
    else this.#deps.report.warn('batch_failed', fields);
    const noted = await this.#deps.inbox.change(header, change);
    this.#trying.delete(header.batchId);
    if (dead && noted) this.#deps.report.count('batches_dead');
  }

  /** Removes a batch when `applied` has reached the commit of every one of its outcomes (design 4, Worker). */
  async #finish(session: Session, { header, actions }: Batch): Promise<void> {
    const elsewhere = new Map<Scope, number>();
    for (const { clientId } of actions) {
      const done = session.outcome(header.owner.user, clientId);
      if (!done) return;
      if (done.scope !== this.#scope) elsewhere.set(done.scope, Math.max(done.n, elsewhere.get(done.scope) ?? 0));
    }
    for (const [scope, n] of elsewhere) if ((await this.#deps.log.head(scope)).applied < n) return;
    await this.#deps.inbox.remove(header);
    this.#trying.delete(header.batchId);
  }

  async #sendAgain(owner: Owner): Promise<void> {
    const message = { kind: 'batches' as const, scope: this.#scope, owner };
    await this.#deps.queue.send([{ id: `more ${this.#deps.ids.uuid()}`, message }]);
  }
}
