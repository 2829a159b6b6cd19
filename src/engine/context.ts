import type { FieldError, RejectionCode } from '../protocol/error-codes.ts';
import type { Strategy } from '../protocol/primitives.ts';
import type { Domain } from './domain.ts';
import type { CompareLines } from './merge.ts';
import type { AcceptedAction, Acceptance, Attachment, ConflictRow, EntityRow, Outcome, Scope, Stamp } from './model.ts';
import type { Author } from './stamps.ts';
import { jsonBytes } from './value.ts';

/** What the engine is given besides state: the domain, and functions that are pure but come from libraries. */
export type Engine = {
  domain: Domain;
  compareLines: CompareLines;
  /** Stable and unguessable enough: the same action always opens the same conflict. */
  conflictIdOf: (user: string, clientId: string) => string;
};

/** The commit being planned. */
export type Place = { scope: Scope; n: number; at: number; takeServerId: () => number };

/** Leads to the one open conflict that a user's device can have on a record; `key` is `pointerKey`'s. */
export type Pointer = { user: string; key: string };

/** State as of the last commit, overlaid with what this plan already changed. `undefined`: known to be absent. */
export type View = {
  row: (key: string) => EntityRow | undefined;
  /** The open conflict behind a pointer; `need` when it has not been read yet. */
  open: (pointer: Pointer) => ConflictRow | undefined | 'need';
  conflict: (user: string, id: string) => ConflictRow | undefined;
  /** Read for the actions that name it; `undefined`: unknown. */
  attachment: (id: string) => Attachment | undefined;
};

/** What one action does: nothing of it happens unless the commit that holds it is put. */
export type Effect = { outcome: Outcome; row?: EntityRow; conflict?: ConflictRow };

/** An effect, or the pointer that must be read before there can be one. */
export type Planned = Effect | { need: Pointer };

/** One action with all that is needed to judge it. */
export type Case = {
  engine: Engine;
  place: Place;
  view: View;
  action: AcceptedAction;
  acceptance: Acceptance;
  /** What the action before it on its record, by its upload, has come to. */
  before?: Pick<Outcome, 'order' | 'place'> | undefined;
};

export function authorOf(c: Case): Author {
  return { sub: c.acceptance.actor.sub, device: c.acceptance.device, order: placeOf(c) };
}

/**
 * Where the action stands in its device's order (P3): by its upload's number, but never before the action that its upload
 * put before it. That one may have been applied from an upload of a higher number: an earlier attempt, given up by the
 * phone, that went on and was numbered after the resend.
 */
function placeOf({ action, before }: Case): number {
  return Math.max(action.order, before?.place ?? before?.order ?? 0);
}

/** The stamp that this action leaves. */
export function stampOf(c: Case): Stamp {
  return { n: c.place.n, at: c.place.at, ...authorOf(c), order: c.action.order, time: c.action.time };
}

/** A redriven action never wins by itself (design 4, Dead letters). */
export function strategyOf({ action, acceptance }: Case): Strategy | undefined {
  const wins = action.strategy === 'client_wins' || action.strategy === 'merge';
  return acceptance.redrivenBy && wins ? undefined : action.strategy;
}

export function outcomeOf(c: Case, word: Pick<Outcome, 'status'> & Partial<Outcome>): Outcome {
  const { action, acceptance } = c;
  const place = placeOf(c);
  return {
    user: acceptance.actor.sub,
    device: acceptance.device,
    clientId: action.clientId,
    hash: action.hash,
    order: action.order,
    ...(place === action.order ? {} : { place }),
    actionType: action.actionType,
    entityType: action.entityType,
    acceptedAt: acceptance.acceptedAt,
    time: action.time,
    retries: acceptance.retries,
    ...(action.entityId === undefined ? {} : { entityId: action.entityId }),
    ...word,
  };
}

/** Names the record that an outcome is about, as it then is. */
export function about(row: EntityRow): Pick<Outcome, 'entityId' | 'home' | 'serverId' | 'version'> {
  return { entityId: row.entityId, home: row.home, serverId: row.serverId, version: row.version };
}

/** Faults that an outcome names: it is kept for ever, and people read the first few. */
const MOST_ERRORS = 20;
/** … and their bytes as JSON: one answer holds the outcomes of a whole upload. */
const MOST_ERROR_BYTES = 4096;

export function rejected(c: Case, code: RejectionCode, errors?: readonly FieldError[]): Effect {
  const told = errors ? firstErrors(errors) : [];
  return { outcome: outcomeOf(c, { status: 'rejected', code, ...(told.length > 0 ? { errors: told } : {}) }) };
}

/** The first faults, as many as an outcome may name, and at least one. */
function firstErrors(errors: readonly FieldError[]): FieldError[] {
  const first = errors.slice(0, MOST_ERRORS);
  let bytes = 0;
  return first.filter((error, i) => (bytes += jsonBytes(error)) <= MOST_ERROR_BYTES || i === 0);
}
