import type { Json, ServiceCall } from './service-call.ts';

type Answer = { Items?: Json[]; Count?: number; ScannedCount?: number; [key: string]: Json | undefined };

/**
 * Answers of the past for reads that did not ask for consistency. An index may still show what is gone and not yet what
 * is new: it is answered as it was before. A table may lack what was written last, and in a page that was put together
 * from several places, anything.
 */
export class WeakReads {
  readonly #index = new Map<string, Answer>();

  /** The stale form of an answer. `dice`: 0 ≤ x < 1. */
  stale(call: ServiceCall, answer: Answer, dice: number): Answer {
    const items = answer.Items ?? [];
    if (call.index !== undefined) {
      const name = partOf(call);
      const before = this.#index.get(name);
      return before ?? counted(answer, items.slice(0, Math.floor(dice * items.length)));
    }
    // Half of the time the end is missing, else one somewhere in between.
    const at = Math.floor(dice * 2 * items.length) % Math.max(1, items.length);
    return counted(answer, dice < 0.5 ? items.slice(0, at) : items.filter((_, i) => i !== at));
  }

  /** Keeps what an index gave, for later. */
  note(call: ServiceCall, answer: Answer): void {
    if (call.index !== undefined && answer['LastEvaluatedKey'] === undefined) this.#index.set(partOf(call), answer);
  }
}

function counted(answer: Answer, items: Json[]): Answer {
  return { ...answer, Items: items, Count: items.length, ScannedCount: items.length };
}

/** Which part of the index: its partition is the first value of the condition. */
function partOf({ table, index, body }: ServiceCall): string {
  const values = body['ExpressionAttributeValues'];
  const [first] = Object.values(typeof values === 'object' && values !== null ? values : {});
  return JSON.stringify([table, index, first]);
}
