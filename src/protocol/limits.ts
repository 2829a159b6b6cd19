/** Limits of the wire contract (design 7). Sizes are UTF-8 bytes. What exceeds one is refused, with nothing stored. */
export const LIMITS = {
  actionsPerUpload: 500,
  /** Body of an upload. */
  bodyBytes: 4 * 1024 * 1024,
  /** Body of any other request: a decision's data, escaped, at the most. */
  otherBodyBytes: 512 * 1024,
  /** `data` and `base` of one action together; `resolved_data` of a decision. */
  actionBytes: 64 * 1024,
  depth: 16,
  keys: 2000,
  /** Fields of one record. */
  recordBytes: 96 * 1024,
  batchActions: 25,
  batchBytes: 256 * 1024,
  pendingPerDevice: 10_000,
  /** Of one device within `TIMES.intakeSpanMs`: bounds by how much uploads that come at once pass the limit above. */
  intakePerDevice: 20_000,
  devicesPerUser: 100,
  pageRecords: 1000,
  pageRecordsDefault: 200,
  pageBytes: 4 * 1024 * 1024,
  listDefault: 50,
  listMax: 200,
  actionsPerLookup: 100,
  waitSecondsDefault: 5,
  waitSecondsMax: 20,
  /** Remembered `sync_timestamp`s per device (design 4, Since). */
  rememberedTimestamps: 20,
  /** client_ids that an open conflict lists. */
  conflictClientIds: 100,
  /** Connections to `/live` that a user has at a time: the oldest gives way. */
  liveConnectionsPerUser: 20,
  /** One attachment. */
  attachmentBytes: 10 * 1024 * 1024,
  /** What one user may announce in a day (UTC). */
  attachmentsPerDay: 500,
  attachmentDayBytes: 2 * 1024 * 1024 * 1024,
  /** A link to send or to see an attachment is good for so long. */
  linkSeconds: 300,
} as const;

/** Times of the contract, in milliseconds. */
export const TIMES = {
  /** Commits, tombstones and `left` copies are kept this long. */
  retentionMs: 90 * 24 * 3600_000,
  /** A base time covers only changes committed at least this long before it (design 5). */
  baseTimeSlackMs: 2 * 60_000,
  /** A pending action older than this makes the device `stalled`. */
  stalledMs: 5 * 60_000,
  /** `last_download` is written at most this often by polls that find nothing. */
  lastDownloadEveryMs: 60_000,
  /** At least what an upload may take: it stores nothing in a third span after the one in which it was counted. */
  intakeSpanMs: 30_000,
  /** A dead action that is sent again is redriven at most this often. */
  redriveEveryMs: 3600_000,
  /** A redrive after this time also needs the rights of who redrives. */
  redriveOwnRightsMs: 30 * 24 * 3600_000,
  /** Longest life of a connection to `/live`, a limit of the gateway. */
  liveConnectionMs: 2 * 3600_000,
  /** An attachment that no record names is given up after this. */
  attachmentUnusedMs: 7 * 24 * 3600_000,
  /** What a record no longer names can come back for so long, by a decision about a conflict; then it is removed. */
  attachmentReleasedMs: 7 * 24 * 3600_000,
} as const;
