import type { AdminQueryRequest, AdminRow, AdminStatus } from '../../protocol/admin.ts';
import type { Deps } from '../deps.ts';
import { SyncError } from '../errors.ts';
import type { Place } from '../walk.ts';

/** Filters of a query; what is absent does not filter. Times in ms: since ≤ t < until. */
export type Params = {
  user?: string;
  device?: string;
  type?: string;
  /** Digits also mean a server id. */
  entityId?: string;
  home?: string;
  clientId?: string;
  batch?: string;
  status?: AdminStatus;
  details?: boolean;
  since?: number;
  until?: number;
};

/** One page of a query: filters, place and size. */
export type Ask = { params: Params; from: Place; limit: number };

/** `summary`: of all that was asked for, not only of this page. */
export type Answer = { rows: AdminRow[]; next?: Place; summary?: AdminRow };

/** One query of admins. Throws `SyncError` `validation_failed` when a filter that it needs is missing. */
export type AdminQuery = (deps: Deps, ask: Ask) => Promise<Answer>;

export function paramsOf(params: AdminQueryRequest['params']): Params {
  const { user, device_id, entity_type, entity_id, home, client_id, batch_id, status, details, since, until } = params ?? {};
  return {
    ...(typeof user === 'string' ? { user } : {}),
    ...(typeof device_id === 'string' ? { device: device_id } : {}),
    ...(typeof entity_type === 'string' ? { type: entity_type } : {}),
    ...(entity_id === null || entity_id === undefined ? {} : { entityId: String(entity_id) }),
    ...(typeof home === 'string' ? { home } : {}),
    ...(typeof client_id === 'string' ? { clientId: client_id } : {}),
    ...(typeof batch_id === 'string' ? { batch: batch_id } : {}),
    ...(typeof status === 'string' ? { status } : {}),
    ...(details === true ? { details } : {}),
    ...(typeof since === 'string' ? { since: Date.parse(since) } : {}),
    ...(typeof until === 'string' ? { until: Date.parse(until) } : {}),
  };
}

/** Does a value pass the filter? Without one, everything does. */
export function passes<T>(filter: T | undefined, value: T | undefined): boolean {
  return filter === undefined || filter === value;
}

export function within({ since, until }: Params, at: number): boolean {
  return (since === undefined || at >= since) && (until === undefined || at < until);
}

/** A filter that the query can't do without. */
export function needed<K extends keyof Params>(params: Params, key: K, name: string): NonNullable<Params[K]> {
  const value = params[key];
  if (value !== undefined) return value;
  throw missing(`/params/${name}`, `This query needs the parameter ${name}.`);
}

export function missing(pointer: string, message: string): SyncError {
  return new SyncError('validation_failed', 'The query is not valid.', { errors: [{ pointer, code: 'required', message }] });
}
