import { civic } from '../../../src/domain/civic.ts';
import { actorOf } from '../../../src/engine/domain.ts';
import type { Actor } from '../../../src/engine/model.ts';
import type { WireConflict } from '../../../src/protocol/conflict.ts';
import type { DownloadResponse } from '../../../src/protocol/download.ts';
import type { ActionResult, UploadResponse } from '../../../src/protocol/upload.ts';
import { listConflicts } from '../../../src/service/conflicts.ts';
import type { Deps } from '../../../src/service/deps.ts';
import { download } from '../../../src/service/download.ts';
import { lookupActions } from '../../../src/service/lookup.ts';
import { status } from '../../../src/service/status.ts';
import { upload } from '../../../src/service/upload.ts';
import { hashText, unit } from '../core/random.ts';
import type { Intent } from '../model/ledger.ts';
import type { Model } from '../model/model.ts';
import { person, type DeviceOp, type DeviceSpec, type Edit } from '../scenario/scenario.ts';
import { request, type Heard } from '../world/network.ts';
import type { World } from '../world/world.ts';
import { composeAction, type OwnRecord, type SentAction } from './compose-action.ts';
import { Camera } from './camera.ts';
import { decideOn } from './decide.ts';
import { LocalStore } from './local-store.ts';

/** An action that has no final answer yet. */
type Pending = { intent: Intent; sent: boolean; failed: boolean };

type Backup = { store: ReturnType<LocalStore['backup']>; pending: Intent[]; cursor: string | undefined; since: string | undefined; lastSync: string | undefined };

/** How often one sync tries again before it waits for the next. */
const TRIES = 4;
const MOST_PAGES = 300;
const MOST_ACTIONS = 60;

/** A phone that keeps the rules of design 5 (or, if it is hasty, all but one). */
export class Phone {
  readonly spec: DeviceSpec;
  actor: Actor;
  device: string;
  store: LocalStore;
  readonly #world: World;
  readonly #model: Model;
  readonly #key: number;
  readonly #camera: Camera;
  #pending: Pending[] = [];
  #own: OwnRecord[] = [];
  #cursor: string | undefined;
  #since: string | undefined;
  /** Newest `sync_timestamp` of a page that was applied. */
  #lastSync: string | undefined;
  #backup: Backup | undefined;
  #types: readonly string[] | undefined;
  #conflicts: WireConflict[] = [];
  #answered: Intent[] = [];
  #seq = 0;
  #requests = 0;
  #skewMs: number;
  #installations = 1;
  /** Grows when the app is closed: nothing asked for before is heard of again. */
  #life = 0;
  #busy: Promise<void> = Promise.resolve();

  constructor(world: World, model: Model, spec: DeviceSpec) {
    this.#world = world;
    this.#model = model;
    this.spec = spec;
    this.actor = actorOf(civic, person(spec.user));
    this.device = spec.id;
    this.#key = hashText(spec.id);
    this.#skewMs = spec.skewMs;
    this.store = new LocalStore(spec.remembersGone);
    this.#camera = new Camera(world, model.ledger.photos, spec.id, this.actor);
  }

  /** Actions without a final answer, but for those that are dead on the server. */
  get unanswered(): number {
    return this.#pending.filter(({ failed }) => !failed).length;
  }

  get failed(): number {
    return this.#pending.filter(({ failed }) => failed).length;
  }

  /** Does something; what takes time comes after what the phone is still busy with. */
  do(op: DeviceOp, name: number): void {
    if (op.do !== 'edit') this.#world.trace(this.device, () => `does (${name}) ${JSON.stringify(op)}`);
    switch (op.do) {
      case 'edit':
        for (let i = 0; i < (op.times ?? 1); i++) this.#edit(op.edit, name);
        return;
      case 'restart':
        this.#life++;
        this.#busy = Promise.resolve();
        return;
      case 'reinstall':
        return this.#reinstall();
      case 'corrupt cursor':
        this.#cursor = this.#cursor === undefined ? undefined : 'AAAA';
        this.#since = this.#since === undefined ? undefined : '2029-12-31T23:00:00.000Z';
        return;
      case 'go back to backup':
        return this.#goBack();
      case 'ask for types':
        this.#types = op.types;
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
        for (const pending of this.#pending) pending.failed = false;
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

  async sync(life = this.#life): Promise<void> {
    await this.#upload(life);
    await this.#download(life);
  }

  #then(work: (life: number) => Promise<void>): void {
    const life = this.#life;
    this.#busy = this.#busy.then(() => (life === this.#life ? work(life) : undefined));
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
        await this.#request('status', (deps) => status(deps, this.actor, this.device));
        return;
      case 'reuse id':
        return this.#reuse(op.pick, life);
      case 'resolve': {
        const heard = await this.#request('conflicts', (deps) => listConflicts(deps, this.actor, {}));
        if (heard.kind === 'answer' && life === this.#life) this.#conflicts = heard.value.conflicts;
        const conflict = this.#conflicts[Math.floor(op.pick * this.#conflicts.length)];
        const name = `${this.device} decides ${++this.#requests}`;
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
    const desk = { spec, clientId, now, held: this.store.records(), own: this.#own, ...photos };
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
    this.#pending.push({ intent, sent: false, failed: false });
    if (action.action_type.startsWith('create_') && !intent.nonsense) {
      this.#own.push({ type: action.entity_type, entityId: String(action['entity_id'] ?? clientId) });
    }
    this.#world.trace(this.device, () => `edits (${name}) ${JSON.stringify(action)}`);
  }

  async #upload(life: number, impatient = false): Promise<void> {
    for (let round = 0; round < TRIES && life === this.#life; round++) {
      const actions = this.#next();
      if (actions.length === 0) return;
      for (const pending of actions) {
        pending.sent = true;
        if (pending.intent.accepted) continue;
        pending.intent.sentAt = this.#world.now;
        pending.intent.granted = pending.intent.granted.filter((scope) => this.actor.scopes.includes(scope));
      }
      const envelope = this.#envelope(actions.map(({ intent }) => intent.action));
      const { actor } = this;
      const { waitMs } = this.spec;
      const representation = unit(this.#key, this.#requests, 41) < 0.2;
      const request = { envelope, guardFaults: [], waitMs, representation, receivedAtMs: Math.round(this.#world.now) };
      const heard = await this.#request('uploads', (deps) => upload(deps, actor, request), impatient);
      if (life !== this.#life) return;
      if (heard.kind === 'answer') {
        this.#hear(heard.value.body);
        if (this.spec.follows === 'since' && this.#coin() < 0.3) this.#since = heard.value.body.sync_timestamp;
        if (this.#pending.every(({ sent }) => sent)) return;
      } else if (heard.kind === 'refused') {
        this.#world.fail('P12', 'phone', `an upload of ${this.device} was refused: ${heard.error.code} ${heard.error.message}`);
      } else if (this.spec.hasty || impatient) return;
      else await this.#world.scheduler.sleep(10 + this.#coin() ** 2 * 3000);
    }
  }

  /** What had no answer comes first, unchanged; a hasty phone sends the new alone. */
  #next(): Pending[] {
    const open = this.#pending.filter(({ failed }) => !failed);
    const fresh = open.filter(({ sent }) => !sent);
    const chosen = this.spec.hasty && fresh.length > 0 && this.#coin() < 0.7 ? fresh : open;
    return chosen.slice(0, MOST_ACTIONS);
  }

  #envelope(actions: SentAction[]) {
    const says = this.spec.basing === 'since' || (this.spec.basing !== 'nothing' && this.#coin() < 0.4);
    return structuredClone({
      device_id: this.device,
      actions,
      ...(says && this.#lastSync !== undefined ? { last_sync_timestamp: this.#lastSync } : {}),
    });
  }

  #hear(body: Pick<UploadResponse, 'results' | 'conflicts'>): void {
    const results = new Map(body.results.map((result) => [result.client_id, result]));
    for (const pending of [...this.#pending]) {
      const result = results.get(pending.intent.action.client_id);
      if (result) this.#learn(pending, result);
    }
    this.#conflicts.push(...body.conflicts.filter((conflict) => conflict.status === 'unresolved'));
  }

  #learn(pending: Pending, result: ActionResult): void {
    const { intent } = pending;
    this.#world.trace(this.device, () => `hears ${JSON.stringify(result)}`);
    this.#model.ledger.answered(intent, result);
    if (result.record && result.version !== undefined && result.record.version < result.version) {
      this.#world.fail('P7', 'phone', `${result.client_id} made version ${result.version}, and was shown version ${result.record.version}`);
    }
    if (result.duplicate && result.status === 'queued') this.#world.count('a resend was found in the inbox');
    if (result.status === 'failed') pending.failed = true;
    // Restored tables may have forgotten it: it is sent again.
    if (result.status === 'unknown') pending.sent = false;
    if (result.status === 'queued' || result.status === 'failed' || result.status === 'unknown') return;
    this.#pending = this.#pending.filter((other) => other !== pending);
    this.#answered.push(intent);
    this.#model.downloads.answered(this.store, result, this.actor.scopes);
  }

  /** Asks for results without sending again. */
  async #ask(life: number): Promise<void> {
    const ids = this.#pending.filter(({ sent }) => sent).map(({ intent }) => intent.action.client_id);
    if (ids.length === 0) return;
    const heard = await this.#request('asks', (deps) => lookupActions(deps, this.actor, this.device, ids));
    if (heard.kind === 'answer' && life === this.#life) this.#hear(heard.value);
  }

  async #reuse(pick: number, life: number): Promise<void> {
    const intent = this.#answered[Math.floor(pick * this.#answered.length)];
    if (!intent || intent.answer === undefined) return;
    const other = { ...intent.action, data: { title: 'something else' } } as SentAction;
    const { spec } = this;
    const heard = await this.#request('reuses an id', (deps) =>
      upload(deps, this.actor, { envelope: this.#envelope([other]), guardFaults: [], waitMs: spec.waitMs, representation: false }),
    );
    if (heard.kind !== 'answer' || life !== this.#life || intent.answer === undefined) return;
    const [result] = heard.value.body.results;
    this.#world.count('a client_id was used again');
    if (result?.error?.code !== 'client_id_reused') {
      this.#world.fail('P2', 'phone', `${other.client_id} was sent with other content and answered ${JSON.stringify(result)}`);
    }
  }

  async #download(life: number): Promise<void> {
    let tries = 0;
    for (let page = 0; page < MOST_PAGES && life === this.#life; page++) {
      const askedAt = this.#world.now;
      const since = this.spec.follows === 'since' ? this.#since : undefined;
      const cursor = this.spec.follows === 'cursor' ? this.#cursor : undefined;
      const query = {
        device_id: this.device,
        limit: this.spec.pageLimit,
        ...(since === undefined ? {} : { since }),
        ...(cursor === undefined ? {} : { cursor }),
        ...(this.#types === undefined ? {} : { types: this.#types.join() }),
      };
      const { actor } = this;
      const heard = await this.#request('downloads', (deps) => download(deps, actor, query));
      if (life !== this.#life) return;
      if (heard.kind === 'refused') return this.#world.fail('P12', 'phone', `a download of ${this.device} was refused: ${heard.error.code}`);
      if (heard.kind !== 'answer') {
        if (++tries === TRIES) return;
        await this.#world.scheduler.sleep(200 + this.#coin() * 3000);
        continue;
      }
      this.#apply(heard.value);
      if (!heard.value.has_more) {
        this.#model.downloads.atEnd({ store: this.store, who: this.device, scopes: heard.value.scopes, granted: actor.scopes, types: query.types?.split(','), askedAt });
        return;
      }
    }
  }

  #apply(page: DownloadResponse): void {
    for (const { reason } of page.reset) this.#world.count(`reset ${reason}`);
    if (Object.values(page.deleted).flat().some(({ reason }) => reason === 'left')) this.#world.count('a record left a scope');
    const { passedOver } = this.store;
    this.#world.trace(this.device, () => `gets ${pageText(page)}`);
    this.store.apply(page, this.#world.now);
    if (this.store.passedOver > passedOver) this.#world.count('a page brought what was older than held');
    this.#cursor = page.cursor;
    this.#since = page.sync_timestamp;
    this.#lastSync = page.sync_timestamp;
    if (!this.#backup && this.#coin() < 0.5) {
      const pending = this.#pending.map(({ intent }) => intent);
      this.#backup = { store: this.store.backup(), pending, cursor: this.#cursor, since: this.#since, lastSync: this.#lastSync };
    }
  }

  /** A new phone is set up from the old one's backup: with all that was in it, but as a device of its own. */
  #goBack(): void {
    const backup = this.#backup;
    if (!backup) return;
    this.#reinstall();
    this.store.revert(backup.store, this.#world.now);
    this.#pending = backup.pending.map((intent) => ({ intent, sent: true, failed: false }));
    this.#cursor = backup.cursor;
    this.#since = backup.since;
    this.#lastSync = backup.lastSync;
  }

  /** A new installation is a new device: nothing of the old one is known to it. */
  #reinstall(): void {
    this.#life++;
    this.#busy = Promise.resolve();
    this.device = `${this.spec.id}-${++this.#installations}`;
    this.store = new LocalStore(this.spec.remembersGone);
    this.#pending = [];
    this.#own = [];
    this.#answered = [];
    this.#cursor = undefined;
    this.#since = undefined;
    this.#lastSync = undefined;
    this.#backup = undefined;
  }

  /** `impatient`: it gives up before there is an answer. */
  #request<T>(what: string, body: (deps: Deps) => Promise<T>, impatient = false): Promise<Heard<T>> {
    const impatience = impatient ? 1 : this.spec.hasty && what === 'uploads' ? 0.3 : 0;
    return request(this.#world, `${this.device} ${what} ${++this.#requests}`, body, impatience);
  }

  #coin(): number {
    return unit(this.#key, ++this.#requests, 40);
  }
}

function pageText({ data, deleted, reset, scopes, has_more, sync_timestamp }: DownloadResponse): string {
  const live = Object.values(data).flat().map((record) => `${record.scope} ${record.type} ${record.entity_id} v${record.version}`);
  const gone = Object.values(deleted).flat().map((item) => `${item.scope} ${item.entity_id} ${item.reason} v${item.version}`);
  return `[${[...live, ...gone].join(', ')}] up to ${JSON.stringify(scopes)} at ${sync_timestamp}${has_more ? ', more to come' : ''}${reset.length > 0 ? ` after reset ${JSON.stringify(reset)}` : ''}`;
}
