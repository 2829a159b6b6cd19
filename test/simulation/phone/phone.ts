import { civic } from '../../../src/domain/civic.ts';
import { actorOf } from '../../../src/engine/domain.ts';
import type { Actor } from '../../../src/engine/model.ts';
import type { WireConflict } from '../../../src/protocol/conflict.ts';
import type { UploadResponse } from '../../../src/protocol/upload.ts';
import { listConflicts } from '../../../src/service/conflicts.ts';
import { lookupActions } from '../../../src/service/lookup.ts';
import { status } from '../../../src/service/status.ts';
import { upload } from '../../../src/service/upload.ts';
import type { Intent } from '../model/ledger.ts';
import type { Model } from '../model/model.ts';
import { person, type DeviceOp, type DeviceSpec, type Edit } from '../scenario/scenario.ts';
import type { World } from '../world/world.ts';
import { composeAction, type SentAction } from './compose-action.ts';
import { Camera } from './camera.ts';
import { Connection, TRIES } from './connection.ts';
import { decideOn } from './decide.ts';
import type { LocalStore } from './local-store.ts';
import { Outbox } from './outbox.ts';
import { Reader, type ReaderBackup } from './reader.ts';

/** A phone that keeps the rules of design 5 (or, if it is hasty, all but one). */
export class Phone {
  readonly spec: DeviceSpec;
  actor: Actor;
  readonly #world: World;
  readonly #model: Model;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #reader: Reader;
  readonly #camera: Camera;
  #backup: { reader: ReaderBackup; pending: Intent[] } | undefined;
  #conflicts: WireConflict[] = [];
  #seq = 0;
  #skewMs: number;
  #busy: Promise<void> = Promise.resolve();

  constructor(world: World, model: Model, spec: DeviceSpec) {
    this.#world = world;
    this.#model = model;
    this.spec = spec;
    this.actor = actorOf(civic, person(spec.user));
    this.#skewMs = spec.skewMs;
    this.#connection = new Connection(world, spec);
    this.#outbox = new Outbox(this.#connection, model);
    this.#reader = new Reader(this.#connection, model);
    this.#camera = new Camera(world, model.ledger.photos, spec.id, this.actor);
  }

  get device(): string {
    return this.#connection.device;
  }

  get store(): LocalStore {
    return this.#reader.store;
  }

  /** Actions without a final answer, but for those that are dead on the server. */
  get unanswered(): number {
    return this.#outbox.pending.filter(({ failed }) => !failed).length;
  }

  get failed(): number {
    return this.#outbox.pending.filter(({ failed }) => failed).length;
  }

  /** Does something; what takes time comes after what the phone is still busy with. */
  do(op: DeviceOp, name: number): void {
    if (op.do !== 'edit') this.#world.trace(this.device, () => `does (${name}) ${JSON.stringify(op)}`);
    switch (op.do) {
      case 'edit':
        for (let i = 0; i < (op.times ?? 1); i++) this.#edit(op.edit, name);
        return;
      case 'restart':
        this.#connection.life++;
        this.#busy = Promise.resolve();
        return;
      case 'reinstall':
        return this.#reinstall();
      case 'corrupt cursor':
        return this.#reader.corrupt();
      case 'go back to backup':
        return this.#goBack();
      case 'ask for types':
        this.#reader.types = op.types;
        return;
      case 'set the clock':
        this.#skewMs = op.skewMs;
        return;
      case 'get a new token':
        this.actor = actorOf(civic, { ...person(this.spec.user), departments: [...op.departments] });
        return;
      case 'take a photo':
      case 'announce again':
      case 'see a photo':
        return this.#camera.do(op, this.store.records());
      case 'retry failed':
        for (const pending of this.#outbox.pending) pending.failed = false;
        return;
      default:
        this.#then((life) => this.#slow(op, life));
    }
  }

  /** Syncs until there is nothing to say and nothing to hear. */
  settle(): Promise<void> {
    this.#then((life) => this.sync(life));
    return this.#busy;
  }

  async sync(life = this.#connection.life): Promise<void> {
    await this.#upload(life);
    await this.#download(life);
  }

  #then(work: (life: number) => Promise<void>): void {
    const life = this.#connection.life;
    this.#busy = this.#busy.then(() => (life === this.#connection.life ? work(life) : undefined));
  }

  async #slow(op: DeviceOp, life: number): Promise<void> {
    switch (op.do) {
      case 'sync':
        return this.sync(life);
      case 'upload':
        return this.#upload(life, op.impatient);
      case 'download':
        return this.#download(life);
      case 'ask':
        return this.#ask(life);
      case 'status':
        await this.#connection.request('status', (deps) => status(deps, this.actor, this.device));
        return;
      case 'reuse id':
        return this.#reuse(op.pick, life);
      case 'resolve': {
        const heard = await this.#connection.request('conflicts', (deps) => listConflicts(deps, this.actor, {}));
        if (heard.kind === 'answer' && life === this.#connection.life) this.#conflicts = heard.value.conflicts;
        const conflict = this.#conflicts[Math.floor(op.pick * this.#conflicts.length)];
        const name = this.#connection.nameOf('decides');
        if (conflict) await decideOn({ world: this.#world, model: this.#model, caller: this.actor, name, conflict, strategy: op.strategy, shown: op.shown });
        return;
      }
      default:
        return;
    }
  }

  #edit(edit: Edit, name: number): void {
    const seq = ++this.#seq;
    const clientId = `${this.device}_${seq}`;
    const { now } = this.#world;
    const spec = { ...this.spec, skewMs: this.#skewMs };
    const photos = { photos: this.#camera.ids, strange: this.#model.ledger.photos.idsOfOthers(spec.user) };
    const desk = { spec, clientId, now, held: this.store.records(), own: this.#outbox.own, ...photos };
    const action = composeAction(desk, edit);
    if (!action) return;
    const intent: Intent = {
      spec,
      store: this.store,
      action,
      seq,
      editedAt: now,
      sentAt: now,
      granted: this.actor.scopes,
      nonsense: edit.kind === 'send nonsense',
      behind: new Map(),
      accepted: false,
      answer: undefined,
    };
    this.#model.ledger.meant(intent);
    this.#outbox.add(intent);
    this.#world.trace(this.device, () => `edits (${name}) ${JSON.stringify(action)}`);
  }

  async #upload(life: number, impatient = false): Promise<void> {
    for (let round = 0; round < TRIES && life === this.#connection.life; round++) {
      const actions = this.#outbox.next();
      if (actions.length === 0) return;
      for (const pending of actions) {
        pending.sent = true;
        // From a new device it is stored once more, and may be judged by what is said now.
        if (pending.queued && pending.intent.accepted) continue;
        pending.intent.sentAt = this.#world.now;
        pending.intent.granted = pending.intent.granted.filter((scope) => this.actor.scopes.includes(scope));
      }
      const envelope = this.#envelope(actions.map(({ intent }) => intent.action));
      const { actor } = this;
      const { waitMs } = this.spec;
      const representation = this.#connection.side() < 0.2;
      const request = { envelope, guardFaults: [], waitMs, representation, receivedAtMs: Math.round(this.#world.now) };
      const heard = await this.#connection.request('uploads', (deps) => upload(deps, actor, request), impatient);
      if (life !== this.#connection.life) return;
      if (heard.kind === 'answer') {
        this.#hear(heard.value.body);
        if (this.spec.follows === 'since' && this.#connection.coin() < 0.3) this.#reader.follow(heard.value.body.sync_timestamp);
        if (this.#outbox.pending.every(({ sent }) => sent)) return;
      } else if (heard.kind === 'refused') {
        this.#world.fail('P12', 'phone', `an upload of ${this.device} was refused: ${heard.error.code} ${heard.error.message}`);
      } else if (this.spec.hasty || impatient) return;
      else await this.#world.scheduler.sleep(10 + this.#connection.coin() ** 2 * 3000);
    }
  }

  #envelope(actions: SentAction[]) {
    const says = this.spec.basing === 'since' || (this.spec.basing !== 'nothing' && this.#connection.coin() < 0.4);
    return structuredClone({
      device_id: this.device,
      actions,
      ...(says && this.#reader.lastSync !== undefined ? { last_sync_timestamp: this.#reader.lastSync } : {}),
    });
  }

  #hear(body: Pick<UploadResponse, 'results' | 'conflicts'>): void {
    this.#outbox.hear(body.results, this.store, this.actor.scopes);
    this.#conflicts.push(...body.conflicts.filter((conflict) => conflict.status === 'unresolved'));
  }

  /** Asks for results without sending again. */
  async #ask(life: number): Promise<void> {
    const ids = this.#outbox.pending.filter(({ sent }) => sent).map(({ intent }) => intent.action.client_id);
    if (ids.length === 0) return;
    const heard = await this.#connection.request('asks', (deps) => lookupActions(deps, this.actor, this.device, ids));
    if (heard.kind === 'answer' && life === this.#connection.life) this.#hear(heard.value);
  }

  async #reuse(pick: number, life: number): Promise<void> {
    const { answered } = this.#outbox;
    const intent = answered[Math.floor(pick * answered.length)];
    if (!intent || intent.answer === undefined) return;
    const other = { ...intent.action, data: { title: 'something else' } } as SentAction;
    const { spec } = this;
    const heard = await this.#connection.request('reuses an id', (deps) =>
      upload(deps, this.actor, { envelope: this.#envelope([other]), guardFaults: [], waitMs: spec.waitMs, representation: false }),
    );
    if (heard.kind !== 'answer' || life !== this.#connection.life || intent.answer === undefined) return;
    const [result] = heard.value.body.results;
    this.#world.count('a client_id was used again');
    if (result?.error?.code !== 'client_id_reused') {
      this.#world.fail('P2', 'phone', `${other.client_id} was sent with other content and answered ${JSON.stringify(result)}`);
    }
  }

  #download(life: number): Promise<void> {
    return this.#reader.download(life, () => this.actor, () => {
      if (this.#backup || this.#connection.coin() >= 0.5) return;
      this.#backup = { reader: this.#reader.backup(), pending: this.#outbox.pending.map(({ intent }) => intent) };
    });
  }

  /** A new phone is set up from the old one's backup: with all that was in it, but as a device of its own. */
  #goBack(): void {
    const backup = this.#backup;
    if (backup) this.#reinstall(backup);
  }

  /** A new installation is a new device: nothing of the old one is known to it, but what a backup held. */
  #reinstall(backup?: { reader: ReaderBackup; pending: Intent[] }): void {
    this.#connection.reinstall();
    this.#busy = Promise.resolve();
    this.#outbox.begin(backup?.pending ?? []);
    this.#reader.begin(backup?.reader);
    this.#backup = undefined;
  }
}
