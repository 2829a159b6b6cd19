export type DeviceInfo = { platform?: string; os_version?: string; model?: string; app_version?: string };

/** What we know of a device (design 3, `client_sync_state`). Times in ms; 0: never. */
export type DeviceState = {
  user: string;
  device: string;
  lastUpload: number;
  lastDownload: number;
  /** Uploads and non-empty downloads. */
  syncVersion: number;
  /** Upload counter of the device. */
  uploads: number;
  info: DeviceInfo;
  /** Newest `sync_timestamp` that the device has presented, ms. */
  presented: number;
  /** Actions taken in the span of time that is numbered so. */
  intake: { span: number; actions: number };
  /** Bodies of uploads as they came; pages with changes, before compression. */
  bytesIn: number;
  bytesOut: number;
};

/** Room that an upload wants: for so many `actions`, if no more than `most` are taken in this span. `known`: the device as read. */
export type Intake = { actions: number; most: number; span: number; known: DeviceState | undefined };

/**
 * The cursors behind the last `sync_timestamp`s handed out. `missed`: the device came again without it, so its page was
 * lost. `revision`: for the conditional write; 0: no row.
 */
export type Remembered = { entries: { ts: number; cursor: string; missed?: true }[]; revision: number };

export type DeviceStore = {
  /** Strong. */
  get(user: string, device: string): Promise<DeviceState | undefined>;
  /** Devices of a user, by id after `after`. Strong. */
  list(user: string, after: string, limit: number): Promise<{ rows: DeviceState[]; next?: string }>;
  /** All devices, in no order, for admins. Lags. */
  listAll(after: string, limit: number): Promise<{ rows: DeviceState[]; next?: string }>;
  /** One atomic update: gives the device a place among the user's `most`, for ever. True: it has one. False: there is none left. */
  admit(user: string, device: string, most: number): Promise<boolean>;
  /**
   * One atomic update: counts the upload, notes time, info and what was presented (only grows). Returns the row after;
   * nothing, and nothing is written, if there is no room for its actions. Spans only grow.
   */
  countUpload(
    user: string,
    device: string,
    note: { at: number; info: DeviceInfo; presented: number; intake?: Intake; bytes?: number },
  ): Promise<DeviceState | undefined>;
  /** Notes a download; `counts`: it gave something. One that gave nothing makes no row of a device that has none. */
  noteDownload(user: string, device: string, note: { at: number; counts: boolean; presented: number; bytes?: number }): Promise<void>;
  /** Strong. */
  remembered(user: string, device: string): Promise<Remembered>;
  /** Replaces what is remembered if `revision` is as read. False: it is not; nothing written. */
  remember(user: string, device: string, read: Remembered, entries: Remembered['entries']): Promise<boolean>;
};
