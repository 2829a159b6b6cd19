import type { Actor } from '../../../src/engine/model.ts';
import type { DownloadResponse } from '../../../src/protocol/download.ts';
import { download } from '../../../src/service/download.ts';
import type { Model } from '../model/model.ts';
import { TRIES, type Connection } from './connection.ts';
import { LocalStore } from './local-store.ts';

const MOST_PAGES = 300;

/** How far a phone has read: `lastSync` is the newest `sync_timestamp` of a page that was applied. */
type Place = { cursor?: string; since?: string; lastSync?: string };

export type ReaderBackup = { store: ReturnType<LocalStore['backup']>; place: Place };

/** What a phone downloads, and what it holds of it. */
export class Reader {
  store: LocalStore;
  /** What it asks for, if not for all. */
  types: readonly string[] | undefined;
  #place: Place = {};
  readonly #connection: Connection;
  readonly #model: Model;

  constructor(connection: Connection, model: Model) {
    this.#connection = connection;
    this.#model = model;
    this.store = new LocalStore(connection.spec.remembersGone);
  }

  get lastSync(): string | undefined {
    return this.#place.lastSync;
  }

  /** Goes on from the time that an upload was answered with. */
  follow(since: string): void {
    this.#place.since = since;
  }

  /** Something else stands where its place stood. */
  corrupt(): void {
    const { cursor, since } = this.#place;
    if (cursor !== undefined) this.#place.cursor = 'AAAA';
    if (since !== undefined) this.#place.since = '2029-12-31T23:00:00.000Z';
  }

  backup(): ReaderBackup {
    return { store: this.store.backup(), place: { ...this.#place } };
  }

  /** Begins again, with nothing or with what a backup held. */
  begin(backup?: ReaderBackup): void {
    const { spec, world } = this.#connection;
    this.store = new LocalStore(spec.remembersGone);
    this.#place = { ...backup?.place };
    if (backup) this.store.revert(backup.store, world.now);
  }

  /** Reads page by page to the end; `applied` is told of each. */
  async download(life: number, actorNow: () => Actor, applied: () => void): Promise<void> {
    const { world, device } = this.#connection;
    let tries = 0;
    for (let page = 0; page < MOST_PAGES && life === this.#connection.life; page++) {
      const askedAt = world.now;
      const query = this.#query();
      const actor = actorNow();
      const heard = await this.#connection.request('downloads', (deps) => download(deps, actor, query));
      if (life !== this.#connection.life) return;
      if (heard.kind === 'refused') return world.fail('P12', 'phone', `a download of ${device} was refused: ${heard.error.code}`);
      if (heard.kind !== 'answer') {
        if (++tries === TRIES) return;
        await world.scheduler.sleep(200 + this.#connection.coin() * 3000);
        continue;
      }
      this.#apply(heard.value);
      applied();
      if (!heard.value.has_more) {
        const { scopes } = heard.value;
        this.#model.downloads.atEnd({ store: this.store, who: device, scopes, granted: actor.scopes, types: query.types?.split(','), askedAt });
        return;
      }
    }
  }

  #query() {
    const { device, spec } = this.#connection;
    const { cursor, since } = this.#place;
    return {
      device_id: device,
      limit: spec.pageLimit,
      ...(spec.follows === 'since' && since !== undefined ? { since } : {}),
      ...(spec.follows === 'cursor' && cursor !== undefined ? { cursor } : {}),
      ...(this.types === undefined ? {} : { types: this.types.join() }),
    };
  }

  #apply(page: DownloadResponse): void {
    const { world, device } = this.#connection;
    for (const { reason } of page.reset) world.count(`reset ${reason}`);
    if (Object.values(page.deleted).flat().some(({ reason }) => reason === 'left')) world.count('a record left a scope');
    const { passedOver } = this.store;
    world.trace(device, () => `gets ${pageText(page)}`);
    this.store.apply(page, world.now);
    if (this.store.passedOver > passedOver) world.count('a page brought what was older than held');
    this.#place = { cursor: page.cursor, since: page.sync_timestamp, lastSync: page.sync_timestamp };
  }
}

function pageText({ data, deleted, reset, scopes, has_more, sync_timestamp }: DownloadResponse): string {
  const live = Object.values(data).flat().map((record) => `${record.scope} ${record.type} ${record.entity_id} v${record.version}`);
  const gone = Object.values(deleted).flat().map((item) => `${item.scope} ${item.entity_id} ${item.reason} v${item.version}`);
  return `[${[...live, ...gone].join(', ')}] up to ${JSON.stringify(scopes)} at ${sync_timestamp}${has_more ? ', more to come' : ''}${reset.length > 0 ? ` after reset ${JSON.stringify(reset)}` : ''}`;
}
