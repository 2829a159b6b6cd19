import type { Commit, EntityRow, Outcome, Scope, Stamp } from '../../engine/model.ts';
import { iso } from '../../engine/wire.ts';
import type { AdminRow } from '../../protocol/admin.ts';
import type { Deps } from '../deps.ts';
import { walk } from '../walk.ts';
import { missing, needed, passes, within, type AdminQuery, type Params } from './ask.ts';

/** What one action did to the record, or tried to. No outcome: a change that no action of the commit explains. */
type Step = { commit: Commit; row?: EntityRow; outcome?: Outcome };

/**
 * Every action on one record in the order of its home's log, as far back as the log is kept (90 days): who, when,
 * which fields, what came of it. A commit keeps one image, so where several actions of one commit set the same field,
 * only the last of them names it. Names the record by type, id, and home or a user who sees it.
 */
export const recordHistory: AdminQuery = async (deps, { params, from, limit }) => {
  const type = needed(params, 'type', 'entity_type');
  const record = await locate(deps, params, type, needed(params, 'entityId', 'entity_id'));
  if (!record) return { rows: [] };
  const { home, entityId } = record;
  const { applied } = await deps.log.head(home);
  const listing = {
    source: async (after: string, most: number) => {
      const read = await deps.log.read(home, Number(after) || 0, applied, { strong: false, limit: most });
      const last = read.commits.at(-1);
      return { rows: read.commits, ...(last && !read.end ? { next: String(last.n) } : {}) };
    },
    items: (commit: Commit) => stepsOf(commit, type, entityId),
    keyOf: ({ commit, outcome }: Step) => JSON.stringify([commit.n, outcome?.user, outcome?.clientId]),
    keep: ({ commit, outcome }: Step) =>
      within(params, commit.at) && passes(params.device, outcome?.device) && passes(params.status, outcome?.status),
  };
  const { items, ...more } = await walk(deps, listing, from, limit);
  return { rows: items.map((step) => rowOf(step, type, entityId)), ...more };
};

/** The home of the record that is meant: among several of one id, that of the lowest server id (design 5). */
async function locate(deps: Deps, params: Params, type: string, id: string): Promise<{ home: Scope; entityId: string } | undefined> {
  const scopes = scopesOf(deps, params);
  const found = await Promise.all(
    scopes.map(async (scope) => {
      const key = /^\d{1,15}$/.test(id) ? await deps.entities.alias(scope, Number(id)) : undefined;
      if (key === undefined) return deps.entities.find(scope, type, id);
      return [...(await deps.entities.get([{ scope, key }])).values()].filter((row) => row.type === type);
    }),
  );
  const [row] = found.flat().sort((a, b) => a.serverId - b.serverId);
  if (row) return { home: row.home, entityId: row.entityId };
  // Its rows have expired; the log may not have.
  return params.home === undefined ? undefined : { home: params.home, entityId: id };
}

function scopesOf(deps: Deps, { home, user }: Params): Scope[] {
  if (home !== undefined) return [home];
  if (user !== undefined) return deps.engine.domain.scopesOf({ sub: user, role: 'citizen', departments: [] });
  throw missing('/params/home', 'This query needs the parameter home, or user.');
}

function stepsOf(commit: Commit, type: string, entityId: string): Step[] {
  const is = (row: EntityRow) => row.type === type && row.entityId === entityId && row.home === commit.scope;
  const row = commit.changes.find((change) => is(change.row))?.row;
  const about = (outcome: Outcome) =>
    outcome.entityType === type && outcome.entityId === entityId && (outcome.home ?? commit.scope) === commit.scope;
  const steps = commit.outcomes.filter(about).map((outcome): Step => ({ commit, outcome, ...(row ? { row } : {}) }));
  return steps.length === 0 && row ? [{ commit, row }] : steps;
}

function rowOf({ commit, row, outcome }: Step, type: string, entityId: string): AdminRow {
  const fields = row ? fieldsOf(commit, row, outcome) : [];
  return {
    at: iso(commit.at),
    entity_type: type,
    entity_id: entityId,
    server_id: row?.serverId ?? outcome?.serverId ?? null,
    home: commit.scope,
    version: outcome?.version ?? row?.version ?? null,
    /** `none` also for a decision that lets the server's values stand: it makes a version, and changes no field. */
    change: row ? changeOf(commit, row, outcome, fields) : 'none',
    fields,
    /** Their values as the commit left them. */
    data: Object.fromEntries(fields.map((field) => [field, row?.fields[field] ?? null])),
    user: outcome?.user ?? row?.updatedBy ?? null,
    device_id: outcome?.device ?? null,
    client_id: outcome?.clientId ?? null,
    action_type: outcome?.actionType ?? null,
    status: outcome?.status ?? null,
    code: outcome?.code ?? null,
    conflict_id: outcome?.conflictId ?? null,
    resolution: outcome?.resolution ?? null,
  };
}

/** Fields whose newest change is this action's, by their stamps. */
function fieldsOf(commit: Commit, row: EntityRow, outcome: Outcome | undefined): string[] {
  const stamps = row.stamps ?? {};
  const own = Object.keys(row.fields).filter((field) => {
    const stamp = stamps[field]?.last ?? row.created;
    return stamp !== undefined && isOf(stamp, commit, outcome);
  });
  return own.sort();
}

function changeOf(commit: Commit, row: EntityRow, outcome: Outcome | undefined, fields: readonly string[]): string {
  if (row.created && isOf(row.created, commit, outcome)) return 'created';
  if (row.gone && isOf(row.gone, commit, outcome)) return 'deleted';
  return fields.length > 0 ? 'updated' : 'none';
}

/** Did this action of this commit leave the stamp? Without an outcome: did this commit? */
function isOf(stamp: Stamp, commit: Commit, outcome: Outcome | undefined): boolean {
  if (stamp.n !== commit.n) return false;
  return !outcome || (stamp.sub === outcome.user && stamp.device === outcome.device && stamp.order === outcome.order);
}
