import type { EntityRow } from '../../../src/engine/model.ts';
import type { Json } from '../../../src/protocol/json.ts';
import type { Evidence } from './evidence.ts';

/** Each counter is the sum of the counts that succeeded: none was lost, none counted twice (P2). */
export function checkCounters({ logs, done, outcomes }: Evidence): string[] {
  const sums = new Map<string, number>();
  for (const [clientId, { action }] of done) {
    const [placed] = outcomes.get(clientId) ?? [];
    if (placed?.outcome.status !== 'success') continue;
    const key = `${placed.scope} ${String(action.entity_id ?? clientId)}`;
    sums.set(key, (sums.get(key) ?? 0) + incOf(action.data?.['visits']));
  }
  const findings: string[] = [];
  for (const [scope, commits] of logs) {
    const settled = new Set(commits.flatMap(({ conflicts }) => conflicts.filter((c) => c.fields.includes('visits')).map((c) => c.entityId)));
    const rows = new Map<string, EntityRow>(commits.flatMap(({ changes }) => changes.map(({ row }) => [row.entityId, row])));
    for (const row of rows.values()) {
      // Where a person decided about a count, the decision counted too.
      if (row.type !== 'task' || row.home !== scope || settled.has(row.entityId)) continue;
      const counted = row.fields['visits'] ?? 0;
      const expected = sums.get(`${scope} ${row.entityId}`) ?? 0;
      if (counted !== expected) findings.push(`P2: ${row.entityId} counts ${JSON.stringify(counted)} visits, and ${expected} were made`);
    }
  }
  return findings;
}

function incOf(value: Json | undefined): number {
  const inc = typeof value === 'object' && value !== null && !Array.isArray(value) ? value['$inc'] : 0;
  return typeof inc === 'number' ? inc : 0;
}
