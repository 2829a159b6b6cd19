import type { DownloadQuery, DownloadResponse } from '../../src/protocol/download.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import type { Strategy } from '../../src/protocol/primitives.ts';
import type { WireRecord } from '../../src/protocol/record.ts';
import type { ActionResult, UploadResponse, WireAction } from '../../src/protocol/upload.ts';
import { Holdings } from './holdings.ts';

/** The body of an upload as a phone sends it. */
export type UploadBody = {
  device_id: string;
  last_sync_timestamp?: string;
  conflict_strategy?: Strategy;
  actions: WireAction[];
};

/** What a phone needs of a server, over HTTP or in the same process. */
export type SyncServer = {
  upload(body: UploadBody): Promise<UploadResponse>;
  download(query: DownloadQuery): Promise<DownloadResponse>;
};

export type PhoneOptions = {
  deviceId: string;
  /** Goes on downloading from the opaque cursor, or from the last `sync_timestamp`. */
  follow?: 'cursor' | 'since';
  /** Records per page. */
  limit?: number;
  types?: string;
  /** Sends its last `sync_timestamp` with an upload, and no `base_version` with an edit: the older form of the contract. */
  plain?: boolean;
  now?: () => number;
  uuid?: () => string;
};

/** Pages after which a download that claims to have more must be wrong. */
const MOST_PAGES = 2000;

/** The least a phone must do (design 5): hold records, keep what it did offline, and follow the server page by page. */
export class Phone {
  readonly holdings = new Holdings();
  /** Done here and without a final word yet; what was sent once stays as it is. */
  readonly outbox: WireAction[] = [];
  /** The last word on each action. */
  readonly results = new Map<string, ActionResult>();
  syncTimestamp: string | undefined;
  cursor: string | undefined;
  readonly #server: SyncServer;
  readonly #options: Required<Omit<PhoneOptions, 'limit' | 'types'>> & Pick<PhoneOptions, 'limit' | 'types'>;

  constructor(server: SyncServer, options: PhoneOptions) {
    this.#server = server;
    this.#options = { follow: 'cursor', plain: false, now: Date.now, uuid: () => crypto.randomUUID(), ...options };
  }

  get deviceId(): string {
    return this.#options.deviceId;
  }

  /** Notes an action for the next upload. */
  act(action: Omit<WireAction, 'client_id' | 'timestamp'> & Partial<Pick<WireAction, 'client_id' | 'timestamp'>>): WireAction {
    const timestamp = new Date(this.#options.now()).toISOString();
    const noted: WireAction = { client_id: this.#options.uuid(), timestamp, ...action };
    this.outbox.push(noted);
    return noted;
  }

  /** Notes a new record; its id is the action's. */
  create(entityType: string, data: JsonObject): WireAction {
    return this.act({ action_type: `create_${entityType}`, entity_type: entityType, data });
  }

  /** Notes an edit of a record that this phone holds, or has created itself and not yet downloaded. */
  edit(entityType: string, entityId: string, data: JsonObject, more: Partial<WireAction> = {}): WireAction {
    return this.#change(`update_${entityType}`, entityType, entityId, { data, ...more });
  }

  delete(entityType: string, entityId: string, more: Partial<WireAction> = {}): WireAction {
    return this.#change(`delete_${entityType}`, entityType, entityId, more);
  }

  #change(actionType: string, entityType: string, entityId: string, more: Partial<WireAction>): WireAction {
    const held = this.holdings.find(entityType, entityId);
    const seen = held && !this.#options.plain ? { base_version: held.version, home: held.home } : {};
    return this.act({ action_type: actionType, entity_type: entityType, entity_id: entityId, ...seen, ...more });
  }

  /** The record as the user sees it: what was downloaded, with the unsent edits over it. */
  shown(entityType: string, entityId: string): WireRecord | JsonObject | undefined {
    const held: JsonObject | undefined = this.holdings.find(entityType, entityId);
    const mine = this.outbox.filter((a) => a.entity_type === entityType && (a.entity_id ?? a.client_id) === entityId);
    if (!held && mine.length === 0) return undefined;
    return Object.assign({}, held, ...mine.map((action) => action.data ?? {})) as JsonObject;
  }

  /** Sends what waits, at most 500 actions; drops what has a final word. Nothing is sent when nothing waits. */
  async push(more: Pick<UploadBody, 'conflict_strategy'> = {}): Promise<UploadResponse | undefined> {
    const actions = this.outbox.slice(0, LIMITS.actionsPerUpload);
    if (actions.length === 0) return undefined;
    const since = this.#options.plain && this.syncTimestamp ? { last_sync_timestamp: this.syncTimestamp } : {};
    const answer = await this.#server.upload({ device_id: this.deviceId, ...since, ...more, actions });
    for (const result of answer.results) this.settle(result);
    return answer;
  }

  /** Takes note of a result. `failed` and `queued` are not the last word: the action stays. */
  settle(result: ActionResult): void {
    this.results.set(result.client_id, result);
    if (result.status === 'queued' || result.status === 'failed' || result.status === 'unknown') return;
    const at = this.outbox.findIndex((action) => action.client_id === result.client_id);
    if (at >= 0) this.outbox.splice(at, 1);
  }

  /** Downloads one page and applies it. */
  async pullPage(): Promise<DownloadResponse> {
    const { deviceId: device_id, follow, limit, types } = this.#options;
    const place = follow === 'cursor' ? { cursor: this.cursor } : { since: this.syncTimestamp };
    const asked = Object.entries({ ...place, limit, types }).filter(([, value]) => value !== undefined);
    const page = await this.#server.download({ device_id, ...Object.fromEntries(asked) });
    this.holdings.apply(page);
    this.cursor = page.cursor;
    this.syncTimestamp = page.sync_timestamp;
    return page;
  }

  /** Downloads until there is no more. */
  async pull(): Promise<DownloadResponse[]> {
    const pages: DownloadResponse[] = [];
    do {
      if (pages.length === MOST_PAGES) throw new Error(`there is still more after ${MOST_PAGES} pages`);
      pages.push(await this.pullPage());
    } while (pages.at(-1)?.has_more);
    return pages;
  }

  /** Upload, then download. */
  async sync(more: Pick<UploadBody, 'conflict_strategy'> = {}): Promise<UploadResponse | undefined> {
    const answer = await this.push(more);
    await this.pull();
    return answer;
  }
}
