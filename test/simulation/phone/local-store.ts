import type { DownloadResponse } from '../../../src/protocol/download.ts';
import { RECORD_KEYS, type WireRecord } from '../../../src/protocol/record.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';

/** What a phone holds of one record in one scope. */
export type HeldRecord = {
  scope: string;
  home: string;
  type: string;
  entityId: string;
  serverId: number;
  version: number;
  fields: JsonObject;
  /** What it shows of the photos that it names. */
  states: JsonObject;
  /** When a page last showed it, ms. */
  gotAt: number;
};

/** What a phone holds: an app's database, kept by the rules of design 5. */
export class LocalStore {
  readonly #records = new Map<string, HeldRecord>();
  /** Versions of what is gone, for phones that remember them. */
  readonly #gone = new Map<string, number>();
  readonly #remembersGone: boolean;
  /** Versions held over time, per record and for every phone state since its making; the newest last. */
  readonly #history = new Map<string, { at: number; version: number }[]>();
  /** Items that came older than what was held, and were passed over. */
  passedOver = 0;

  constructor(remembersGone: boolean) {
    this.#remembersGone = remembersGone;
  }

  records(): HeldRecord[] {
    return [...this.#records.values()];
  }

  get(scope: string, home: string, type: string, entityId: string): HeldRecord | undefined {
    return this.#records.get(keyOf(scope, home, type, entityId));
  }

  clear(): void {
    this.#records.clear();
    this.#gone.clear();
  }

  /** A copy to go back to. */
  backup(): { records: HeldRecord[]; gone: [string, number][] } {
    return { records: this.records(), gone: [...this.#gone] };
  }

  revert(backup: ReturnType<LocalStore['backup']>, now: number): void {
    this.clear();
    for (const held of backup.records) this.#hold(held, now);
    for (const [key, version] of backup.gone) this.#gone.set(key, version);
  }

  /** Applies a page: first its resets, then whatever is not older than what is held. */
  apply(page: DownloadResponse, now: number): void {
    // The server no longer knows what this phone holds.
    if (page.reset.some(({ reason }) => reason === 'unknown')) this.clear();
    for (const { scope } of page.reset) {
      for (const [key, held] of this.#records) if (held.scope === scope) this.#records.delete(key);
      for (const key of this.#gone.keys()) if (key.startsWith(`${scope}\n`)) this.#gone.delete(key);
    }
    for (const records of Object.values(page.data)) for (const record of records) this.#take(record, now);
    for (const [collection, items] of Object.entries(page.deleted)) {
      for (const { scope, home, entity_id, version } of items) {
        const type = TYPE_OF[collection] ?? collection;
        const key = keyOf(scope, home, type, entity_id);
        if (this.#isOlder(key, version)) continue;
        this.#records.delete(key);
        if (this.#remembersGone) this.#gone.set(key, version);
      }
    }
    for (const [scope, version] of Object.entries(page.scopes)) {
      for (const collection of Object.keys(page.data)) this.#note(passedKey(scope, TYPE_OF[collection] ?? collection), { at: now, version });
    }
  }

  /**
   * The newest version of a record that was known at that time: held under any scope, or passed while following its home,
   * be it only as gone. 0: none.
   */
  versionAt(home: string, type: string, entityId: string, at: number): number {
    const known = [...(this.#history.get(keyOf('', home, type, entityId)) ?? []), ...(this.#history.get(passedKey(home, type)) ?? [])];
    return Math.max(0, ...known.filter((entry) => entry.at <= at).map((entry) => entry.version));
  }

  #take(record: WireRecord, now: number): void {
    const { scope, home, type, version } = record;
    const key = keyOf(scope, home, type, record.entity_id);
    if (this.#isOlder(key, version)) return;
    const fields: JsonObject = {};
    for (const [name, value] of Object.entries(record)) {
      if (!(RECORD_KEYS as readonly string[]).includes(name)) fields[name] = value as JsonObject[string];
    }
    this.#gone.delete(key);
    this.#hold({ scope, home, type, entityId: record.entity_id, serverId: record.id, version, fields, states: record.attachment_states ?? {}, gotAt: now }, now);
  }

  #hold(held: HeldRecord, now: number): void {
    this.#records.set(keyOf(held.scope, held.home, held.type, held.entityId), held);
    this.#note(keyOf('', held.home, held.type, held.entityId), { at: now, version: held.version });
  }

  #note(key: string, entry: { at: number; version: number }): void {
    const history = this.#history.get(key) ?? [];
    this.#history.set(key, history);
    if (history.at(-1)?.version !== entry.version) history.push(entry);
  }

  #isOlder(key: string, version: number): boolean {
    const older = version < (this.#records.get(key)?.version ?? this.#gone.get(key) ?? 0);
    if (older) this.passedOver++;
    return older;
  }
}

const TYPE_OF: Readonly<Record<string, string>> = { reports: 'report', tasks: 'task', profile: 'profile' };

/** Names the place up to which a scope was followed, as far as one type goes. */
function passedKey(scope: string, type: string): string {
  return `passed\n${scope}\n${type}`;
}

function keyOf(scope: string, home: string, type: string, entityId: string): string {
  return `${scope}\n${home}\n${type}\n${entityId}`;
}
