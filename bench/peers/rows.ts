/** One load on one peer. `roundMs`: median of a round, from sending until the other device held all of it. */
export type LoadRow = { readonly load: string; readonly perSecond: number; readonly roundMs: number };

/** What a run says of one peer. `lagMs`: median for a single record, with nothing else going on. */
export type PeerRow = { readonly name: string; readonly loads: readonly LoadRow[]; readonly lagMs: number };
