import type { PhoneDomain } from './domain.ts';
import type { SyncEvent } from './events.ts';
import type { Http } from './http.ts';
import type { Lease } from './lease.ts';
import type { DeviceInfo } from './options.ts';
import type { StoreTx } from './store.ts';

/** How far a longer piece of work is. A first download can not know its total. */
export type Progress = { phase: 'upload' | 'snapshot' | 'download'; done: number; total?: number };

/** What the steps of one cycle share. */
export type Session = {
  readonly http: Http;
  readonly lease: Lease;
  readonly domain: PhoneDomain;
  readonly deviceId: string;
  readonly deviceInfo: DeviceInfo | undefined;
  readonly now: () => number;
  /** Has the server told anything new in this cycle? */
  news: boolean;
  progress(progress: Progress | null): void;
  /** After a transaction: what it changed is shown, what it learnt is told. */
  changed(events: readonly SyncEvent[]): void;
};

/** A transaction of the cycle, with what there is to tell after it. */
export async function step(session: Session, body: (tx: StoreTx) => Promise<readonly SyncEvent[]>): Promise<void> {
  session.changed(await session.lease.within(body));
}
