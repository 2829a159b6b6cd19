import { compareLines } from '../../src/adapters/diff3/compare-lines.ts';
import type { Engine } from '../../src/engine/context.ts';
import { actorOf } from '../../src/engine/domain.ts';
import type { AcceptedAction, Acceptance, Actor, Claims, Commit, EntityRow, Outcome, Stamp } from '../../src/engine/model.ts';
import { notes } from './note-domain.ts';

/** A moment for tests to begin at, ms. */
export const T0 = Date.UTC(2026, 0, 1);

export const ENGINE: Engine = { domain: notes, compareLines, conflictIdOf: (user, clientId) => `c-${user}-${clientId}` };

export function claims(overrides: Partial<Claims> = {}): Claims {
  return { sub: 'alice', role: 'citizen', departments: [], ...overrides };
}

export function actor(overrides: Partial<Claims> = {}): Actor {
  return actorOf(notes, claims(overrides));
}

export function officer(sub: string, ...departments: string[]): Claims {
  return { sub, role: 'officer', departments };
}

export function stamp(overrides: Partial<Stamp> = {}): Stamp {
  return { n: 1, at: T0, sub: 'alice', device: 'phone', order: 1000, time: T0, ...overrides };
}

/** A live note of alice's, at its home. */
export function row(overrides: Partial<EntityRow> = {}): EntityRow {
  const created = stamp();
  return {
    scope: 'user:alice',
    home: 'user:alice',
    type: 'note',
    entityId: 'n-1',
    serverId: 7,
    version: created.n,
    n: created.n,
    state: 'live',
    fields: { title: 'Old', votes: 0 },
    createdAt: created.at,
    createdBy: created.sub,
    updatedAt: created.at,
    updatedBy: created.sub,
    audience: [],
    created,
    ...overrides,
  };
}

export function action(overrides: Partial<AcceptedAction> = {}): AcceptedAction {
  const { clientId = 'a-1' } = overrides;
  return {
    clientId,
    actionType: 'update_note',
    entityType: 'note',
    entityId: 'n-1',
    time: T0,
    hash: `hash of ${clientId}`,
    order: 2000,
    ...overrides,
  };
}

export function acceptance(overrides: Partial<Acceptance> = {}): Acceptance {
  return { actor: actor(), device: 'phone', acceptedAt: T0, retries: 0, ...overrides };
}

export function outcome(overrides: Partial<Outcome> = {}): Outcome {
  const { clientId = 'a-1' } = overrides;
  return {
    user: 'alice',
    device: 'phone',
    clientId,
    hash: `hash of ${clientId}`,
    order: 2000,
    actionType: 'update_note',
    entityType: 'note',
    acceptedAt: T0,
    time: T0,
    retries: 0,
    status: 'success',
    ...overrides,
  };
}

export function commit(overrides: Partial<Commit> = {}): Commit {
  return { scope: 'user:alice', n: 1, at: T0, prevAt: 0, changes: [], outcomes: [], conflicts: [], ...overrides };
}
