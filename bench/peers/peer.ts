import type { reportData } from '../workload/texts.ts';

/** A small record, the same for every peer. */
export type Small = ReturnType<typeof reportData>;

/** A system that takes what devices did and hands it to other devices: ours, or one to compare with. */
export interface Peer {
  readonly name: string;
  /** Somebody new, with nothing yet. */
  person(): Promise<PeerPerson>;
  stop(): Promise<void>;
}

export interface PeerPerson {
  /** A further device of this person, which holds all that is there. */
  device(): Promise<PeerDevice>;
}

export interface PeerDevice {
  /** Sends new records, together where the peer can; done when its server has confirmed each. */
  send(records: readonly Small[]): Promise<void>;
  /** Waits, as the peer's devices wait, until this device holds so many records. */
  holds(count: number): Promise<void>;
  close(): Promise<void>;
}
