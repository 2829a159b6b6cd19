import { recordKey } from '../engine/keys.ts';
import type { Head } from '../engine/cursor.ts';
import type { EntityRow, Scope } from '../engine/model.ts';
import { expiresAt, viewsOf } from '../engine/views.ts';
import { commitsOf } from './commits-of.ts';
import type { Deps } from './deps.ts';
import { AliasCheck } from './verify/alias-check.ts';
import { checkAudiences } from './verify/audience-check.ts';
import { ConflictCheck } from './verify/conflict-check.ts';
import type { Finding } from './verify/finding.ts';
import { LinkCheck } from './verify/link-check.ts';
import { LogCheck } from './verify/log-check.ts';
import { checkOutcomes } from './verify/outcome-check.ts';
import { ViewCheck } from './verify/view-check.ts';

/** What a verification reads. It writes nothing. */
export type VerifyDeps = Pick<Deps, 'log' | 'entities' | 'actions' | 'conflicts' | 'attachments' | 'clock' | 'engine'>;

/** What was compared, and what was found. */
export type Verification = {
  scope: Scope;
  /** Kept commits without a gap up to the end: how many, the first and the last. 0: none. */
  commits: { count: number; first: number; last: number };
  applied: number;
  records: number;
  outcomes: number;
  conflicts: number;
  /** Records that only commits older than the log could prove. */
  older: number;
  findings: Finding[];
};

const PAGE = 500;

/**
 * Walks a scope's log from the oldest commit that is kept and says whether it is whole and whether its views agree:
 * records, aliases, outcomes, conflicts, attachments, and the copies that audiences hold (design 1; P2, P14). What a busy scope
 * shows only in passing is looked at twice and not reported. Reads the whole scope, strongly: some read units per
 * record and commit. Throws `Trouble`.
 */
export async function verifyScope(deps: VerifyDeps, scope: Scope): Promise<Verification> {
  const first = await pass(deps, scope);
  if (first.findings.length === 0) return first;
  const second = await pass(deps, scope);
  const before = new Set(first.findings.map(nameOf));
  return { ...second, findings: second.findings.filter((finding) => before.has(nameOf(finding))) };
}

/** Every scope that has a head or a commit, one after the other. */
export async function* verifyAll(deps: VerifyDeps): AsyncGenerator<Verification> {
  for await (const { scope } of deps.log.heads()) yield await verifyScope(deps, scope);
}

function nameOf({ kind, at, detail }: Finding): string {
  return JSON.stringify([kind, at, detail]);
}

/** The head first, then the rows, then the log: rows are then never older than the head, nor newer than the log. */
async function pass(deps: VerifyDeps, scope: Scope): Promise<Verification> {
  const now = deps.clock.now();
  const head = await deps.log.head(scope);
  const rows = await rowsOf(deps, scope);
  const log = new LogCheck(head, now);
  let { records, aliases, links, conflicts } = checksOf(deps, head, rows);
  const findings: Finding[] = [];
  let outcomes = 0;
  for await (const commit of commitsOf(deps, scope)) {
    if (log.see(commit)) ({ records, aliases, links, conflicts } = checksOf(deps, head, rows));
    for (const { row } of commit.changes) {
      // Rows of a type that the domain no longer has can't be listed.
      if (Object.hasOwn(deps.engine.domain.types, row.type)) records.see(recordKey(scope, row.home, row.type, row.entityId), row);
    }
    const views = viewsOf(commit);
    for (const alias of views.aliases) aliases.see(alias);
    for (const link of views.links) links.see(link);
    await conflicts.see(commit);
    if (commit.n > head.applied) continue;
    outcomes += commit.outcomes.length;
    findings.push(...(await checkOutcomes(deps, commit)));
  }
  if (log.end()) ({ records, aliases, links, conflicts } = checksOf(deps, head, rows));
  const verdict = records.verdict(log, (row) => row.state !== 'live' && expiresAt(row.updatedAt) <= now);
  findings.unshift(...log.findings, ...verdict.findings, ...conflicts.findings(log));
  findings.push(...(await aliases.findings(deps, scope)), ...(await links.findings(deps)), ...(await checkAudiences(deps, scope, rows.values())));
  return {
    scope,
    commits: { count: log.count, first: log.first, last: log.count === 0 ? 0 : log.last },
    applied: head.applied,
    records: rows.size,
    outcomes,
    conflicts: conflicts.size,
    older: verdict.older,
    findings,
  };
}

/** The views to be compared with the commits that follow. Aliases of live rows must stand whatever the log still tells. */
function checksOf(deps: VerifyDeps, { applied }: Head, rows: Map<string, EntityRow>) {
  const aliases = new AliasCheck(applied);
  for (const [key, row] of rows) if (row.state === 'live') aliases.see({ serverId: row.serverId, key, n: row.n, live: true });
  return { records: new ViewCheck<EntityRow>('record', applied, rows), aliases, links: new LinkCheck(applied), conflicts: new ConflictCheck(deps, applied) };
}

/** Live records and tombstones by key. */
async function rowsOf(deps: VerifyDeps, scope: Scope): Promise<Map<string, EntityRow>> {
  const rows = new Map<string, EntityRow>();
  for (const type of Object.keys(deps.engine.domain.types)) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: { rows: EntityRow[]; next?: string } = await deps.entities.page(scope, type, after, PAGE);
      for (const row of page.rows) rows.set(recordKey(scope, row.home, row.type, row.entityId), row);
      after = page.next;
    }
  }
  return rows;
}
