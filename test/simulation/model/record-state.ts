import type { Json, JsonObject } from '../../../src/protocol/json.ts';
import { isOperator, operate, same } from './values.ts';

/**
 * Who changed something, and in which commit. `order`: as the server numbered it, `place`: where it judged it to stand by
 * that; `seq`: as the device did it.
 */
export type Author = { n: number; user: string; device: string; clientId: string; order: number; place: number; seq: number };

/** A record as the story so far makes it: every change of every field with its author, nothing forgotten. */
export class RecordState {
  exists = false;
  live = false;
  fields: JsonObject = {};
  created: Author | undefined;
  gone: Author | undefined;
  /** Fields of which only the image tells what became: a merge, or an overlap that may have been settled before. */
  readonly #loose = new Map<string, Author>();
  readonly #changes = new Map<string, Author[]>();
  #atCreation: JsonObject = {};

  create(fields: JsonObject, author: Author): void {
    this.exists = true;
    this.live = true;
    this.fields = { ...fields };
    this.#atCreation = fields;
    this.created = author;
    this.#changes.clear();
  }

  /** Changes of a field by others than this device after commit `seen`; the creation counts where `creation` says so. */
  unseen(field: string, author: Author, seen: number, creation: boolean): boolean {
    return this.#of(field, creation).some((change) => !sameDevice(change, author) && change.n > seen);
  }

  /** Has this device itself changed it later? An action that was stored twice has two numbers, and one place. */
  ownLater(field: string, author: Author): boolean {
    return this.#of(field, true).some((change) => sameDevice(change, author) && change.order > author.place && change.seq > author.seq);
  }

  /** Own changes that the server numbered later, wherever the device has them. */
  numberedLater(field: string, author: Author): Author[] {
    return this.#of(field, true).filter((change) => sameDevice(change, author) && change.order > author.place);
  }

  anyUnseen(author: Author, seen: number): boolean {
    return [...this.#changes.keys()].some((field) => this.unseen(field, author, seen, false));
  }

  anyOwnLater(author: Author): boolean {
    return [...this.#changes.keys()].some((field) => this.ownLater(field, author));
  }

  /** Was it changed by anyone after that commit? */
  changedAfter(field: string, n: number): boolean {
    return (this.#changes.get(field) ?? []).some((change) => change.n > n);
  }

  set(field: string, value: Json, author: Author): void {
    const next = isOperator(value) ? operate(value, this.fields[field]) : value;
    if (same(next, this.fields[field])) return;
    this.stamp(field, author);
    this.fields = { ...this.fields, [field]: next };
  }

  stamp(field: string, author: Author): void {
    this.#changes.set(field, [...(this.#changes.get(field) ?? []), author]);
  }

  /** Who may have changed this field: the image will tell. */
  loosen(field: string, author: Author): void {
    this.#loose.set(field, author);
  }

  isLoose(field: string): boolean {
    return this.#loose.has(field);
  }

  /** Takes from the image what only it tells. */
  fasten(image: JsonObject): void {
    for (const [field, author] of this.#loose) this.set(field, image[field] ?? null, author);
    this.#loose.clear();
  }

  revive(data: JsonObject, author: Author): void {
    for (const [field, value] of Object.entries(data)) {
      this.set(field, value, author);
      this.stamp(field, author);
    }
    this.live = true;
    this.gone = undefined;
  }

  remove(author: Author): void {
    this.live = false;
    this.gone = author;
  }

  #of(field: string, creation: boolean): readonly Author[] {
    const own = this.#changes.get(field);
    if (own) return own;
    return creation && this.created && Object.hasOwn(this.#atCreation, field) ? [this.created] : [];
  }
}

function sameDevice(a: Author, b: Author): boolean {
  return a.user === b.user && a.device === b.device;
}
