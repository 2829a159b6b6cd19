/*
 * The WebSocket that says "something is new" (protocol.md, Live). Nothing but names of scopes passes over it: whoever
 * hears it downloads, and whoever does not polls.
 */

/** The subprotocol that the server selects. */
export const LIVE_PROTOCOL = 'fieldsync.v1';

/** A subprotocol with this beginning carries the token. It is offered, and never selected: an answer must not hold it. */
export const BEARER_PROTOCOL = 'bearer.';

/** Stands for every scope there is. Only tokens of admins grant it, and only here. */
export const EVERY_SCOPE = '*';

/** What the server sends. `changed`: there is something to download in these scopes, or has been. */
export type LiveMessage = { type: 'changed'; scopes: string[] } | { type: 'pong' };

/** What a client sends, to be heard of within ten minutes. */
export type LiveRequest = { type: 'ping' };
