import type { Message } from '../../../src/service/ports/queue.ts';

/** A message as the queue hands it out. */
export type Delivery = { id: string; seq: number; receipt: string; group: string; message: Message; receives: number };

type Held = { id: string; seq: number; group: string; body: string; receives: number; visibleAt: number; receipt: string };

const DEDUPLICATION_MS = 5 * 60_000;

/**
 * SQS FIFO by the book: order and blocking per group, visibility, receive counts, a second sending of an id within five
 * minutes accepted and dropped. `changed` tells when a group may have something to receive.
 */
export class WorkQueue {
  readonly visibilityMs: number;
  readonly #changed: (group: string, at: number) => void;
  readonly #now: () => number;
  readonly #seen = new Map<string, number>();
  readonly #groups = new Map<string, Held[]>();
  #seq = 0;

  constructor(now: () => number, visibilityMs: number, changed: (group: string, at: number) => void) {
    this.#now = now;
    this.visibilityMs = visibilityMs;
    this.#changed = changed;
  }

  /** True: kept; false: accepted, and dropped as a repetition. */
  send(id: string, message: Message): boolean {
    const now = this.#now();
    const last = this.#seen.get(id);
    if (last !== undefined && now - last < DEDUPLICATION_MS) return false;
    this.#seen.set(id, now);
    this.#append(id, groupOf(message), JSON.stringify(message));
    return true;
  }

  /** The first `max` messages of a group, unless one of it is in flight. */
  receive(group: string, max: number): Delivery[] {
    const now = this.#now();
    const held = this.#groups.get(group) ?? [];
    if (held.some((one) => one.visibleAt > now)) return [];
    return held.slice(0, max).map((one) => {
      one.receives++;
      one.visibleAt = now + this.visibilityMs;
      one.receipt = `${one.seq}.${one.receives}`;
      this.#changed(group, one.visibleAt);
      return deliveryOf(one);
    });
  }

  /** Makes a message visible after that time; nothing when the receipt is no longer the newest. */
  delay(receipt: string, ms: number): void {
    const one = this.#inFlight(receipt);
    if (!one) return;
    one.visibleAt = this.#now() + ms;
    this.#changed(one.group, one.visibleAt);
  }

  complete(receipt: string): void {
    const one = this.#inFlight(receipt);
    if (one) this.#drop(one);
  }

  /** Takes out the first message of a group that was received that often, if it is first and visible. */
  takeExhausted(group: string, receives: number): Delivery | undefined {
    const [first] = this.#groups.get(group) ?? [];
    if (!first || first.receives < receives || first.visibleAt > this.#now()) return undefined;
    this.#drop(first);
    return deliveryOf(first);
  }

  /** Puts in what came out of another queue: under a new place, no longer deduplicated. */
  take({ id, group, message }: Pick<Delivery, 'id' | 'group' | 'message'>): void {
    this.#append(id, group, JSON.stringify(message));
  }

  /** Forgets all messages; what was sent lately is still a repetition. */
  purge(): void {
    this.#groups.clear();
  }

  /** Groups that hold a message. */
  groups(): string[] {
    return [...this.#groups.keys()];
  }

  get size(): number {
    let size = 0;
    for (const held of this.#groups.values()) size += held.length;
    return size;
  }

  #append(id: string, group: string, body: string): void {
    const held = this.#groups.get(group) ?? [];
    this.#groups.set(group, held);
    held.push({ id, seq: ++this.#seq, group, body, receives: 0, visibleAt: 0, receipt: '' });
    this.#changed(group, this.#now());
  }

  #inFlight(receipt: string): Held | undefined {
    for (const held of this.#groups.values()) {
      const one = held.find((candidate) => candidate.receipt === receipt);
      if (one) return one.visibleAt > this.#now() ? one : undefined;
    }
    return undefined;
  }

  #drop(one: Held): void {
    const left = (this.#groups.get(one.group) ?? []).filter((other) => other !== one);
    if (left.length > 0) this.#groups.set(one.group, left);
    else this.#groups.delete(one.group);
    this.#changed(one.group, this.#now());
  }
}

function deliveryOf({ id, seq, receipt, group, body, receives }: Held): Delivery {
  return { id, seq, receipt, group, message: JSON.parse(body) as Message, receives };
}

function groupOf(message: Message): string {
  return message.kind === 'note' ? message.note.scope : message.scope;
}
