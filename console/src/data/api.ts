import * as z from 'zod/mini';
import { ADMIN_ROWS } from '../../../src/protocol/admin-rows.ts';
import { redriveResponse, type AdminQueryName, type RedriveResponse } from '../../../src/protocol/admin.ts';
import { conflict, resolveResponse, type ResolveRequest, type ResolveResponse, type WireConflict } from '../../../src/protocol/conflict.ts';
import { problem, type Problem } from '../../../src/protocol/problem.ts';
import { BASE_PATH } from '../../../src/protocol/version.ts';
import { expired, session } from '../session/session.ts';

export type Row<Q extends AdminQueryName> = z.infer<(typeof ADMIN_ROWS)[Q]>;
export type Params = Readonly<Record<string, string | boolean | undefined>>;
/** `summary`: of all that was asked for, not only of this page; only some queries have one. */
export type Page<T> = { rows: T[]; next: string | undefined; summary?: Partial<T> | undefined };

const TIMEOUT_MS = 35_000;

/**
 * Why there is no answer. `offline`: none came. `expired`: sign in again. `forbidden`: not an admin. `busy`: trouble on
 * the server's side, or too many requests; again later. `refused`: the request itself. `odd`: not this API's answer.
 */
export type FailureKind = 'offline' | 'expired' | 'forbidden' | 'busy' | 'refused' | 'odd';

/** The API gave no answer, or not the one that was asked for. `members`: what else the problem document has. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly problem: Problem | undefined;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(kind: FailureKind, message: string, refused?: Problem, members: Record<string, unknown> = {}) {
    super(message);
    this.kind = kind;
    this.problem = refused;
    this.members = members;
  }
}

let origin = '';

/** Where the API is: an origin, or nothing for this page's own. */
export function useApi(base: string): void {
  origin = base.replace(/\/+$/, '');
}

async function post<T>(path: string, body: object, schema: z.ZodMiniType<T>, headers: Record<string, string> = {}): Promise<T> {
  const token = session.value?.token;
  if (token === undefined) throw new Failure('expired', 'You are not signed in.');
  let answer: Response;
  let parsed: unknown;
  try {
    answer = await fetch(`${origin}${BASE_PATH}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      credentials: 'omit',
    });
    const text = await answer.text();
    parsed = text === '' ? undefined : parse(text);
  } catch {
    throw new Failure('offline', navigator.onLine ? 'The API could not be reached.' : 'You are offline.');
  }
  if (!answer.ok) throw failureOf(answer.status, parsed);
  const read = z.safeParse(schema, parsed);
  if (!read.success) throw new Failure('odd', 'The answer is not one that this page understands: is it older than the API?');
  return read.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function failureOf(status: number, body: unknown): Failure {
  const read = z.safeParse(problem, body);
  const told = read.success ? read.data : undefined;
  const members = typeof body === 'object' && body !== null ? { ...body } : {};
  if (status === 401) {
    expired.value = true;
    return new Failure('expired', 'Your session has ended.', told);
  }
  if (status === 403) return new Failure('forbidden', told?.detail ?? 'Only admins may do this.', told);
  if (status === 429 || status >= 500) return new Failure('busy', told?.detail ?? `The API answered ${status}.`, told);
  return new Failure('refused', told?.detail ?? `The API answered ${status}.`, told, members);
}

/** Requests under way: several parts of a view may ask the same at the same moment. */
const underWay = new Map<string, Promise<Page<unknown>>>();

/** One page of a query for admins. Throws `Failure`. */
export function query<Q extends AdminQueryName>(name: Q, params: Params = {}, cursor?: string, limit = 200): Promise<Page<Row<Q>>> {
  const key = JSON.stringify([session.value?.token, name, params, cursor, limit]);
  const same = underWay.get(key) as Promise<Page<Row<Q>>> | undefined;
  if (same) return same;
  const asked = ask(name, params, cursor, limit).finally(() => underWay.delete(key));
  underWay.set(key, asked);
  return asked;
}

async function ask<Q extends AdminQueryName>(name: Q, params: Params, cursor: string | undefined, limit: number): Promise<Page<Row<Q>>> {
  const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined && value !== ''));
  const schema = z.object({ rows: z.array<z.ZodMiniType>(ADMIN_ROWS[name]), next_cursor: z.nullable(z.string()), summary: z.optional(z.partial(ADMIN_ROWS[name] as z.ZodMiniObject)) });
  const body = { query: name, params: given, limit, ...(cursor === undefined ? {} : { cursor }) };
  const { rows, next_cursor: next, summary } = await post('admin/query', body, schema);
  return { rows: rows as Row<Q>[], next: next ?? undefined, summary: summary as Partial<Row<Q>> | undefined };
}

/** Dead batches again, or given up. Throws `Failure`; repeating is safe. */
export function redrive(batchIds: readonly string[], discard: boolean): Promise<RedriveResponse> {
  return post('admin/redrive', { batch_ids: batchIds, discard }, redriveResponse);
}

/** What became of a decision. `changed`: someone changed the record meanwhile, decide again. `settled`: by someone else. */
export type Resolved =
  | { kind: 'done'; answer: ResolveResponse }
  | { kind: 'changed' | 'settled'; conflict: WireConflict };

/** Settles a conflict as it was shown. Throws `Failure`; the same decision again is safe. */
export async function resolve(decision: ResolveRequest): Promise<Resolved> {
  try {
    return { kind: 'done', answer: await post('sync/resolve-conflict', decision, resolveResponse, { prefer: 'wait=15' }) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const now = z.safeParse(conflict, error.members['conflict']);
    if (now.success && error.problem?.code === 'conflict_changed') return { kind: 'changed', conflict: now.data };
    if (now.success && error.problem?.code === 'already_resolved') return { kind: 'settled', conflict: now.data };
    throw error;
  }
}
