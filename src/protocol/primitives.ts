import * as z from 'zod/mini';
import type { Json } from './json.ts';

/** Ids that clients choose: devices, actions, records, conflicts. */
export const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;
export const id = z.string().check(z.regex(ID_PATTERN));

/** ISO 8601 with a zone, e.g. `2025-10-19T10:00:00Z`. */
export const timestamp = z.iso.datetime({ offset: true });

/** A scope on the wire: `user:<sub>` or `department:<slug>`. */
export const scope = z.string().check(z.minLength(3), z.maxLength(140));

export const strategy = z.enum(['server_wins', 'client_wins', 'merge', 'manual']);
export type Strategy = z.infer<typeof strategy>;

export const conflictKind = z.enum(['update_update', 'update_delete', 'delete_update', 'create_create']);
export type ConflictKind = z.infer<typeof conflictKind>;

export const resolution = z.enum(['unresolved', 'server_wins', 'client_wins', 'merge', 'superseded']);
export type Resolution = z.infer<typeof resolution>;

export const json: z.ZodMiniType<Json> = z.json();
export const jsonObject = z.record(z.string(), json);

/** How many, in a query: plain decimal digits, not all that a language takes for a number (`1e3`, `+5`). */
export const queryCount = (most: number) => z.pipe(
  z.transform((text: unknown) => (typeof text === 'string' && /^[0-9]+$/.test(text) ? Number(text) : text)),
  z.int().check(z.gte(1), z.lte(most)),
);

/** An optional envelope key: `null` means absent (protocol.md). */
export const nullable = z.nullish;

export const fieldError = z.object({ pointer: z.string(), code: z.string(), message: z.string() });
