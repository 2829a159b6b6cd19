import type { RejectedAction } from './keys.ts';
import type { ActionResult, FieldFault, WireAction, WireConflict } from './wire.ts';

/** What happened, for an app to show. What must not be missed (rejected actions, conflicts) is also kept in the store. */
export type SyncEvent =
  /** An action has its final outcome: `success`, or `conflict` where fields of it lost. */
  | { type: 'applied'; action: WireAction; result: ActionResult }
  /** An action was refused for good; it is in the list of rejected ones, with its data. */
  | { type: 'rejected'; rejected: RejectedAction }
  /** The server keeps an action for an admin. It stays in the outbox. */
  | { type: 'failed'; action: WireAction; reason: string }
  /** Somebody else changed the same. `status` says whether a person is to decide. */
  | { type: 'conflict'; conflict: WireConflict }
  /** A photo will never be shown; it is listed until it is dismissed or sent again. `reason` is a code. */
  | { type: 'photo_refused'; id: string; entityId: string; reason: string }
  /** A decision was not taken: the conflict changed since it was shown, somebody else decided, or the data is refused. */
  | { type: 'decision_refused'; conflictId: string; code: string; errors: FieldFault[] }
  /** The records of a scope were dropped, or are being downloaded afresh. */
  | { type: 'reset'; scope: string; reason: string }
  /** A cycle could not end; it is tried again but where `Halt` says otherwise. */
  | { type: 'interrupted'; reason: string; detail: string };

export type SyncEventType = SyncEvent['type'];
export type EventOf<Type extends SyncEventType> = Extract<SyncEvent, { type: Type }>;

/** Listeners by type of event. One that throws does not keep others from hearing. */
export class Events {
  readonly #listeners = new Map<SyncEventType, Set<(event: SyncEvent) => void>>();

  on<Type extends SyncEventType>(type: Type, listener: (event: EventOf<Type>) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    // Only events of this type reach this set.
    const heard = (event: SyncEvent) => listener(event as EventOf<Type>);
    listeners.add(heard);
    return () => listeners.delete(heard);
  }

  tell(events: readonly SyncEvent[]): void {
    for (const event of events) for (const listener of this.#listeners.get(event.type) ?? []) callSafely(() => listener(event));
  }
}

/** Runs an app's callback; what it throws is the app's to see, and not ours to stumble over. */
export function callSafely(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
