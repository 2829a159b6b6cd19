import type { DownloadResponse } from '../../src/protocol/download.ts';
import type { WireRecord } from '../../src/protocol/record.ts';

type Key = Pick<WireRecord, 'scope' | 'home' | 'type' | 'entity_id'>;

/** The records that a device holds, by (scope, home, type, entity_id) as the contract asks (protocol.md, download). */
export class Holdings {
  readonly #records = new Map<string, WireRecord>();
  /** What was applied more than needed: records that came though the device held that very version. */
  repeated = 0;

  /** Applies a page: resets first, then records and deletions that are not older than what is held. */
  apply(page: DownloadResponse): void {
    for (const { scope, reason } of page.reset) {
      // The server no longer knows what this device holds.
      if (reason === 'unknown') this.#records.clear();
      for (const [key, record] of this.#records) if (record.scope === scope) this.#records.delete(key);
    }
    for (const record of Object.values(page.data).flat()) {
      const held = this.#records.get(keyOf(record));
      if (held && held.version > record.version) continue;
      if (held?.version === record.version) this.repeated++;
      this.#records.set(keyOf(record), record);
    }
    for (const [collection, gone] of Object.entries(page.deleted)) {
      for (const { scope, home, entity_id, version } of gone) {
        for (const [key, held] of this.#records) {
          const same = held.scope === scope && held.home === home && held.entity_id === entity_id;
          if (same && collectionOf(held) === collection && held.version <= version) this.#records.delete(key);
        }
      }
    }
  }

  /** Everything held, in a stable order. */
  all(): WireRecord[] {
    return [...this.#records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
  }

  ofType(type: string): WireRecord[] {
    return this.all().filter((record) => record.type === type);
  }

  /** The record of that id; where several scopes show it, the home's own, else the one with the lowest server id. */
  find(type: string, entityId: string): WireRecord | undefined {
    const found = this.all().filter((record) => record.type === type && record.entity_id === entityId);
    const rank = (record: WireRecord) => (record.scope === record.home ? 0 : record.id);
    return found.sort((a, b) => rank(a) - rank(b))[0];
  }
}

function keyOf({ scope, home, type, entity_id }: Key): string {
  return JSON.stringify([scope, home, type, entity_id]);
}

/** Deletions come by collection and do not name their type: the civic example's collections. */
function collectionOf({ type }: Key): string {
  return type === 'profile' ? type : `${type}s`;
}
