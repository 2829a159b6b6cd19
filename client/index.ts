// The face of the package @fieldsync/client: all that an app imports from it.

export { createSync, type Stop, type Sync, type WaitingAction } from './src/create-sync.ts';
export { DomainError, NotOnDevice, type PhoneAction, type PhoneDomain, type PhoneField, type PhoneType } from './src/domain.ts';
export { mergeByRules, type CompareLines } from './src/merge-by-rules.ts';
export { StoreTooNew } from './src/open-store.ts';
export type { CycleEnd } from './src/cycle.ts';
export type { Decision, OpenConflict, ResolveHook } from './src/decisions.ts';
export type { EditOptions } from './src/enqueue.ts';
export type { EventOf, SyncEvent, SyncEventType } from './src/events.ts';
export type { Halt, TokenSource } from './src/http.ts';
export type { RejectedAction } from './src/keys.ts';
export type { AttachOptions, PhotoOptions, PhotosEnd, WaitingPhoto } from './src/photos/queue.ts';
export type { PhotoContent } from './src/photos/content.ts';
export type { Network } from './src/network.ts';
export type { DeviceInfo, SyncOptions } from './src/options.ts';
export type { LiveSocket, SocketFactory } from './src/pokes.ts';
export type { SyncRecord, SyncStatus } from './src/overlay.ts';
export type { Condition, Query } from './src/query.ts';
export type { Progress } from './src/session.ts';
export type { Health, SyncStatusReport } from './src/status.ts';
export type { ByteStore, Store, StoreTx } from './src/store.ts';
export type { ActionResult, FieldFault, Json, JsonObject, Refusal, Strategy, WireAction, WireConflict } from './src/wire.ts';
