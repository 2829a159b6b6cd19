import type { Commit, Outcome, Scope } from '../../../src/engine/model.ts';
import { uploadOf } from '../../../src/engine/order.ts';
import { civic } from '../../../src/domain/civic.ts';
import type { BatchHeader, HeaderChange, Owner } from '../../../src/service/ports/inbox.ts';
import { RESOLVE_DEVICE } from '../../../src/service/resolve.ts';
import type { ActionResult } from '../../../src/protocol/upload.ts';
import type { Task } from '../core/task.ts';
import type { SentAction } from '../phone/compose-action.ts';
import type { LocalStore } from '../phone/local-store.ts';
import { person, type DeviceSpec } from '../scenario/scenario.ts';
import { POISON } from '../world/poison.ts';
import type { Watcher } from '../world/watcher.ts';
import type { World } from '../world/world.ts';
import { History, type Decided } from './history.ts';
import { Photos } from './photos.ts';
import { Sight } from './sight.ts';

/** One thing a user did: what was meant, and what came of it as far as the phone was told. */
export type Intent = {
  spec: DeviceSpec;
  store: LocalStore;
  action: SentAction;
  /** Its place in the device's own order. */
  seq: number;
  editedAt: number;
  /** When it was last sent before there was an answer; what the upload says of itself counts as of then. */
  sentAt: number;
  /** Scopes that every token granted with which it was sent. */
  granted: readonly string[];
  nonsense: boolean;
  /** By upload number: what stood before it in that upload, so that the server knows their order. */
  behind: Map<number, readonly string[]>;
  accepted: boolean;
  /** The final answer, as text. */
  answer: string | undefined;
  /** It has a refusal in one scope and another outcome in a second. */
  twice?: true;
  /** Its phone has a final answer and no longer waits, whatever becomes of the tables. */
  heard?: true;
  /** When it came back from the dead, by the device whose batch did: a phone set up from a backup has sent one of its own. */
  redrivenAt?: Map<string, number>;
};

/** So many workers that died without a word may kill any batch: five tries of each of five errors. */
const SILENT_DEATHS = 25;

/** Who did what, and its one outcome (P1, P2, P12). */
export class Ledger implements Watcher {
  history = new History();
  readonly sight: Sight;
  readonly photos: Photos;
  readonly #world: World;
  readonly #intents = new Map<string, Intent>();
  /** Highest number ever used of each scope, lost or not. */
  readonly #highest = new Map<Scope, number>();
  readonly #discarded = new Set<string>();
  readonly #dead = new Set<string>();
  /** The batch of the inbox in which each action stands, and since when. */
  #waiting = new Map<string, { batchId: string; at: number }>();
  /** When each action was stored last. */
  readonly #storedAt = new Map<string, number>();
  /** Actions that were stored by two uploads at the same time. */
  readonly #met = new Set<string>();
  /** Actions that were stored. */
  readonly #durable = new Set<string>();
  /** Actions in their order, by upload. */
  readonly #uploads = new Map<string, string[]>();

  constructor(world: World) {
    this.#world = world;
    this.sight = new Sight(world, this);
    this.photos = new Photos(world, () => this.history);
  }

  meant(intent: Intent): void {
    this.#intents.set(intent.action.client_id, intent);
  }

  /** client_ids are unique over all phones here. */
  intent(clientId: string): Intent | undefined {
    return this.#intents.get(clientId);
  }

  intents(): Intent[] {
    return [...this.#intents.values()];
  }

  committed(commit: Commit, task: Task): void {
    for (const outcome of commit.outcomes) {
      const earlier = this.history.outcome(outcome.user, outcome.clientId);
      const twice = earlier && this.#mayBeJudgedTwice(outcome, earlier, commit.scope);
      if (twice) this.#world.count('an action that was stored twice was judged in two scopes');
      else if (earlier) {
        this.#fail('P2', `${outcome.clientId} has an outcome at ${earlier.scope} ${earlier.n} and another at ${commit.scope} ${commit.n}`);
      }
      const action = this.#intents.get(outcome.clientId)?.action;
      if (outcome.status === 'rejected') this.#refused(commit, outcome, task);
      else this.#lookedInVain(outcome);
      if (outcome.status !== 'rejected' && action) this.photos.applied(commit, outcome, action, task);
    }
    const wrong = this.history.add(commit, this.#world.now);
    if (wrong) this.#fail('P14', wrong);
    const used = this.#highest.get(commit.scope) ?? 0;
    if (commit.n <= used) this.#fail('P8', `number ${commit.n} of ${commit.scope} means two things since the restore`);
    this.#highest.set(commit.scope, Math.max(commit.n, used));
    if (commit.outcomes.length > 1) this.#world.count('several actions in one commit');
    const records = commit.conflicts.map((conflict) => conflict.clientIds.length);
    if (records.length > 0 && commit.outcomes.length > 1) this.#world.count('a conflict inside a batch');
    if (records.some((joined) => joined > 1)) this.#world.count('a conflict was joined');
    for (const { resolution } of commit.outcomes) if (resolution) this.#world.count(`resolution ${resolution}`);
  }

  /**
   * Two uploads of one device at the same time may find the record of an action in different places: it moved, or one of
   * them brings its create and the other does not. One outcome is promised per home scope, and one effect in all.
   */
  #mayBeJudgedTwice(outcome: Outcome, earlier: Decided, scope: Scope): boolean {
    const intent = this.#intents.get(outcome.clientId);
    const idle = [outcome, earlier.outcome].some(({ status, version }) => status === 'rejected' || version === undefined);
    if (!intent || !this.#met.has(outcome.clientId) || !idle || earlier.scope === scope) return false;
    intent.twice = true;
    return true;
  }

  stored({ owner, batchId, actions }: BatchHeader, _payload: unknown, task: Task): void {
    for (const { clientId } of actions) {
      const name = `${owner.user}\n${owner.device}\n${clientId}`;
      const earlier = this.#waiting.get(name);
      if (earlier && earlier.at < task.startedAt) {
        this.#fail('P2', `${clientId} stands in batch ${earlier.batchId} and was stored once more, in ${batchId}`);
      }
      if (earlier) this.#world.count('an action was stored twice by uploads that met');
      this.#waiting.set(name, { batchId, at: this.#world.now });
      if ((this.#storedAt.get(clientId) ?? -1) >= task.startedAt) this.#met.add(clientId);
      this.#storedAt.set(clientId, this.#world.now);
      this.#durable.add(`${owner.user}\n${clientId}`);
      this.#inUpload(owner, Number(batchId.slice(0, batchId.lastIndexOf('-'))), clientId);
    }
  }

  /** What stands before an action by what the server was told: the one before it on its record in its upload, and so on. */
  toldBefore(outcome: Outcome): Set<string> {
    const told = new Set<string>();
    for (let next = this.#justBefore(outcome); next && !told.has(next.clientId); next = this.#justBefore(next)) told.add(next.clientId);
    return told;
  }

  #justBefore({ user, device, clientId, order, home, entityType, entityId }: Outcome): Outcome | undefined {
    const behind = this.#intents.get(clientId)?.behind.get(uploadOf(order)) ?? [];
    const before = behind.flatMap((id) => this.history.outcome(user, id)?.outcome ?? []);
    return before.findLast((o) => o.device === device && o.home === home && o.entityType === entityType && o.entityId === entityId);
  }

  #inUpload({ user, device }: Owner, upload: number, clientId: string): void {
    const name = `${user}\n${device}\n${upload}`;
    const before = this.#uploads.get(name) ?? [];
    this.#intents.get(clientId)?.behind.set(upload, before);
    this.#uploads.set(name, [...before, clientId]);
  }

  async removing({ user, device }: Owner, batchId: string): Promise<void> {
    const header = await this.#world.stores.inbox.header({ user, device }, batchId);
    for (const { clientId } of header?.actions ?? []) {
      const name = `${user}\n${device}\n${clientId}`;
      if (this.#waiting.get(name)?.batchId === batchId) this.#waiting.delete(name);
    }
  }

  changed(read: BatchHeader, change: HeaderChange): void {
    for (const { clientId } of read.actions) {
      if (change.state === 'dead') this.#dead.add(clientId);
      if (change.discard) this.#discarded.add(clientId);
      const intent = this.#intents.get(clientId);
      if (change.redriven && intent) (intent.redrivenAt ??= new Map()).set(read.owner.device, this.#world.now);
    }
    if (change.state === 'dead') {
      this.#world.count('a batch died');
      const killed = change.lastError === 'NoWord' && this.#world.killedWorkers >= SILENT_DEATHS;
      if (!killed && !this.#isPoisonous(read)) {
        this.#fail('P1', `batch ${read.batchId} of ${read.owner.device} died with nothing wrong in it: ${change.lastError}`);
      }
    }
    if (change.redriven) this.#world.count(change.discard ? 'a batch was discarded' : 'a batch was redriven');
  }

  alarmed(event: string, fields: Record<string, string | number | boolean>): void {
    const reason = event === 'batch_dead' || (event === 'requeue_failed' && String(fields['error']).startsWith('Trouble'));
    if (!reason) this.#fail('P14', `alarm ${event} ${JSON.stringify(fields)} without a reason`);
  }

  /** A phone got a result for an action. */
  answered(intent: Intent, result: ActionResult): void {
    const clientId = intent.action.client_id;
    if (result.status === 'unknown') {
      if (intent.accepted) this.#fail('P1', `${clientId} was accepted and is now unknown`);
      return;
    }
    intent.accepted = true;
    const decided = this.history.outcome(intent.spec.user, clientId);
    if (result.status === 'queued') {
      if (!this.#durable.has(`${intent.spec.user}\n${clientId}`)) this.#fail('P1', `${clientId} was answered as accepted and is nowhere`);
      return;
    }
    if (result.status === 'failed') {
      if (!this.#dead.has(clientId)) this.#fail('P12', `${clientId} reads failed and never died`);
      return;
    }
    intent.heard = true;
    if (intent.twice) return;
    if (!decided) return this.#fail('P12', `${clientId} was answered ${result.status} without a commit`);
    const { status, resolution, home, version, entityId, serverId, conflictId } = decided.outcome;
    const truth = JSON.stringify([status, resolution, home, version, entityId, serverId, conflictId, decided.outcome.code]);
    const told = JSON.stringify([result.status, result.resolution, result.home, result.version, result.entity_id, result.server_id, result.conflict_id, result.error?.code]);
    if (truth !== told) this.#fail('P12', `${clientId} was answered ${told}, its commit says ${truth}`);
    if (intent.answer !== undefined && intent.answer !== told) this.#fail('P2', `${clientId} was answered ${intent.answer} first, then ${told}`);
    intent.answer = told;
    if (result.duplicate) this.#world.count('a resend was answered as duplicate');
  }

  /** After a restore to that time: what was committed since is lost, with what was told of it. */
  restore(time: number): void {
    this.history = this.history.until(time);
    this.sight.restore(time);
    this.photos.restore(time);
    // What stands in the inbox again is seen when it is removed.
    this.#waiting = new Map([...this.#waiting].filter(([, { at }]) => at <= time));
    for (const intent of this.#intents.values()) {
      if (!this.history.outcome(intent.spec.user, intent.action.client_id)) {
        // What phones were told is void; what they still wait for they send again.
        intent.accepted = false;
        intent.answer = undefined;
      }
    }
  }

  #isPoisonous({ owner, actions }: BatchHeader): boolean {
    // A decision may bring in the poison that a conflict kept.
    if (owner.device === RESOLVE_DEVICE) return this.#world.poison !== undefined;
    return actions.some(({ clientId }) => JSON.stringify(this.#intents.get(clientId)?.action ?? '').includes(POISON));
  }

  /** A refusal needs a reason: every phone here sends what its user may do, unless it sends nonsense. */
  #refused(commit: Commit, outcome: Outcome, task: Task): void {
    const { code, clientId } = outcome;
    const intent = this.#intents.get(clientId);
    if (!intent || intent.nonsense) return;
    if (code === 'discarded' && this.#discarded.has(clientId)) return;
    if (code === 'not_found' && this.sight.mayBeMissing(intent, outcome.entityId === undefined)) return;
    if (this.photos.mayBeRefused(commit, outcome, intent.action, task)) return;
    // A token that no longer grants the department creates no tasks in it.
    if (code === 'forbidden' && !civic.scopesOf(person(intent.spec.user)).every((scope) => intent.granted.includes(scope))) return;
    this.#fail('P12', `${clientId} (${intent.action.action_type}) was refused as ${code} ${JSON.stringify(outcome.errors ?? '')} without a reason`);
  }

  /** A delete of what its sender sees must not come to nothing in silence. */
  #lookedInVain({ clientId, home, entityId, status }: Outcome): void {
    const intent = this.#intents.get(clientId);
    if (!intent || home !== undefined || status !== 'success') return;
    if (!this.sight.mayBeMissing(intent, entityId === undefined)) {
      this.#fail('P12', `${clientId} (${intent.action.action_type}) was answered as done, and its record, which is there, was not found`);
    }
  }

  #fail(property: string, detail: string): void {
    this.#world.fail(property, 'ledger', detail);
  }
}
