import type { Scope } from '../../../src/engine/model.ts';
import type { ActionResult } from '../../../src/protocol/upload.ts';
import type { LocalStore } from '../phone/local-store.ts';
import type { World } from '../world/world.ts';
import { imageAt, type Image } from './history.ts';
import type { Ledger } from './ledger.ts';
import { same, sameFields } from './values.ts';

/** A phone at the end of what there is for it. */
export type AtEnd = {
  store: LocalStore;
  who: string;
  /** As the last page says: up to where it has everything. */
  scopes: Readonly<Record<Scope, number>>;
  granted: readonly Scope[];
  /** Those that it asked for; none: all. */
  types: readonly string[] | undefined;
  /** When it asked for the last page. */
  askedAt: number;
};

type Promised = { clientId: string; scope: Scope; version: number; answeredAt: number };

/** What a phone holds whenever it has followed its cursor to the end (P5), and what it was promised (P7). */
export class Downloads {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #promised = new Map<LocalStore, Promised[]>();

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  /** A phone was told a final outcome: the next download that it begins must show it. */
  answered(store: LocalStore, result: ActionResult, granted: readonly Scope[]): void {
    const { home, version, client_id } = result;
    if (home === undefined || version === undefined || !granted.includes(home)) return;
    const promised = this.#promised.get(store) ?? [];
    this.#promised.set(store, promised);
    promised.push({ clientId: client_id, scope: home, version, answeredAt: this.#world.now });
  }

  /** Everything promised before a restore is void. */
  restore(): void {
    this.#promised.clear();
  }

  /** A phone reached the end (`has_more` false). */
  atEnd(end: AtEnd): void {
    const { store, who, scopes, granted, askedAt } = end;
    for (const scope of granted) {
      const n = scopes[scope];
      if (n === undefined) this.#world.fail('P5', 'downloads', `${who} is at the end, but was not told where in ${scope}`);
      else this.#holdsAll(end, scope, n);
    }
    const promised = this.#promised.get(store) ?? [];
    for (const { clientId, scope, version, answeredAt } of promised) {
      if (answeredAt > askedAt || !granted.includes(scope) || (scopes[scope] ?? 0) >= version) continue;
      this.#world.fail('P7', 'downloads', `${who} was told of ${clientId} at ${scope} ${version}, and then downloaded only to ${scopes[scope]}`);
    }
    this.#promised.set(store, promised.filter(({ answeredAt }) => answeredAt > askedAt));
  }

  /** Every record as it was at commit `n`, or as it became later. */
  #holdsAll({ store, who, types }: AtEnd, scope: Scope, n: number): void {
    const held = new Map(store.records().filter((record) => record.scope === scope).map((record) => [`${record.home}\n${record.type}\n${record.entityId}`, record]));
    for (const images of this.#ledger.history.images(scope).values()) {
      const [first] = images;
      if (!first || (types && !types.includes(first.row.type))) continue;
      const key = `${first.row.home}\n${first.row.type}\n${first.row.entityId}`;
      const record = held.get(key);
      held.delete(key);
      const due = imageAt(images, n);
      const later = images.filter((image) => image.n > n);
      const possible = due ? [due, ...later] : later;
      const shown = possible.some(({ row }) =>
        record ? row.state === 'live' && row.version === record.version && sameFields(row.fields, record.fields) && same(row.attachments ?? {}, record.states) : row.state !== 'live',
      );
      if (shown || (!record && !due)) continue;
      this.#world.fail('P5', 'downloads', `${who} at ${scope} ${n} holds ${describe(record)} of ${key.replaceAll('\n', ' ')}, should hold ${possible.map(describeImage).join(' or ')}`);
    }
    for (const key of held.keys()) this.#world.fail('P5', 'downloads', `${who} holds ${key.replaceAll('\n', ' ')}, which ${scope} never had`);
  }
}

function describe(record: { version: number; fields: object } | undefined): string {
  return record ? `version ${record.version} ${JSON.stringify(record.fields)}` : 'nothing';
}

function describeImage({ row }: Image): string {
  return row.state === 'live' ? `version ${row.version} ${JSON.stringify(row.fields)}` : `nothing (${row.state} in ${row.version})`;
}
