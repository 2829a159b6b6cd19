import type { Clock } from '../../service/ports/clock.ts';
import type { Message, Queue } from '../../service/ports/queue.ts';

const DEDUPLICATION_MS = 5 * 60_000;

/** A message as a worker gets it. */
export type Received = {
  receipt: string;
  group: string;
  message: Message;
  /** How often it was received, this time included. */
  receives: number;
  sentAt: number;
};

type Waiting = { seq: number; group: string; id: string; body: string; sentAt: number; visibleAt: number; receives: number };

export type MemoryQueue = Queue & {
  /** At most `max` messages, in order; a group with a message in flight gives none. */
  receive(max?: number): Promise<Received[]>;
  /** Completes a message. False: the receipt is not the newest, or its time was up. */
  delete(receipt: string): Promise<boolean>;
  /** What waits or is in flight, in order. */
  messages(): { group: string; message: Message; receives: number; visibleAt: number }[];
  /** Where messages go that were received too often. */
  deadLetters: MemoryQueue | undefined;
  /** Takes in a message from another queue. */
  bury(letter: Pick<Waiting, 'group' | 'id' | 'body'>): void;
};

export type MemoryQueueConfig = { visibilitySeconds?: number; maxReceiveCount?: number; deadLetters?: MemoryQueue };

/** SQS FIFO in memory: order and blocking per group, visibility by the clock, deduplication, dead letters. */
export function createMemoryQueue(clock: Clock, config: MemoryQueueConfig = {}): MemoryQueue {
  const { visibilitySeconds = 180, maxReceiveCount = 10, deadLetters } = config;
  const seen = new Map<string, number>();
  let waiting: Waiting[] = [];
  let seq = 0;

  const append = (letter: Pick<Waiting, 'group' | 'id' | 'body'>) => {
    waiting.push({ ...letter, seq: ++seq, sentAt: clock.now(), visibleAt: 0, receives: 0 });
  };
  const inFlight = (receipt: string) =>
    waiting.find((w) => receiptOf(w) === receipt && w.receives > 0 && w.visibleAt > clock.now());

  return {
    async send(messages) {
      for (const { id, message } of messages) {
        const group = groupOf(message);
        const key = `${group}\n${id}`;
        if ((seen.get(key) ?? Number.NEGATIVE_INFINITY) + DEDUPLICATION_MS > clock.now()) continue;
        seen.set(key, clock.now());
        append({ group, id, body: JSON.stringify(message) });
      }
    },

    async delay(receipt, seconds) {
      const found = inFlight(receipt);
      if (found) found.visibleAt = clock.now() + seconds * 1000;
    },

    async receive(max = 10) {
      const now = clock.now();
      const blocked = new Set(waiting.flatMap((w) => (w.visibleAt > now ? [w.group] : [])));
      const received: Received[] = [];
      for (const w of [...waiting]) {
        if (received.length >= max) break;
        if (blocked.has(w.group)) continue;
        if (deadLetters && w.receives >= maxReceiveCount) {
          waiting = waiting.filter((other) => other !== w);
          deadLetters.bury(w);
          continue;
        }
        w.receives++;
        w.visibleAt = now + visibilitySeconds * 1000;
        received.push({ receipt: receiptOf(w), group: w.group, message: messageOf(w), receives: w.receives, sentAt: w.sentAt });
      }
      return received;
    },

    async delete(receipt) {
      const found = inFlight(receipt);
      waiting = waiting.filter((w) => w !== found);
      return found !== undefined;
    },

    messages() {
      return waiting.map((w) => ({ group: w.group, message: messageOf(w), receives: w.receives, visibleAt: w.visibleAt }));
    },

    deadLetters,

    bury(letter) {
      append({ group: letter.group, id: letter.id, body: letter.body });
    },
  };
}

function groupOf(message: Message): string {
  return message.kind === 'note' ? message.note.scope : message.scope;
}

function receiptOf(w: Waiting): string {
  return `${w.seq}.${w.receives}`;
}

function messageOf(w: Waiting): Message {
  return JSON.parse(w.body) as Message;
}
