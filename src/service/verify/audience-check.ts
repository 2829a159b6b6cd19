import { recordKey } from '../../engine/keys.ts';
import type { EntityRow, Scope } from '../../engine/model.ts';
import type { Deps } from '../deps.ts';
import { behind, damage, differing, type Finding } from './finding.ts';

/** Keys of one strong read. */
const AT_ONCE = 100;

/**
 * Compares homes with their copies, in both directions: the copies that other scopes must hold of this scope's
 * records, and the homes of the copies that this scope holds. A copy may be late, for it follows by message; it may
 * never be ahead, nor of other content.
 */
export async function checkAudiences(deps: Pick<Deps, 'entities'>, scope: Scope, rows: Iterable<EntityRow>): Promise<Finding[]> {
  const pairs = [...rows].flatMap((row) => pairsOf(scope, row));
  const findings: Finding[] = [];
  for (let i = 0; i < pairs.length; i += AT_ONCE) {
    const part = pairs.slice(i, i + AT_ONCE);
    const others = await deps.entities.get(part.map(({ other }) => other));
    for (const { row, other, role } of part) {
      const found = others.get(`${other.scope}\n${other.key}`);
      const finding = role === 'copy' ? aboutCopy(row, found, other) : aboutHome(row, found);
      if (finding) findings.push(finding);
    }
  }
  return findings;
}

type Pair = { row: EntityRow; other: { scope: Scope; key: string }; role: 'copy' | 'home' };

function pairsOf(scope: Scope, row: EntityRow): Pair[] {
  const { home, type, entityId } = row;
  if (home !== scope) {
    return row.state === 'live' ? [{ row, other: { scope: home, key: recordKey(home, home, type, entityId) }, role: 'home' }] : [];
  }
  return row.audience
    .filter((audience) => audience !== scope)
    .map((audience) => ({ row, other: { scope: audience, key: recordKey(audience, home, type, entityId) }, role: 'copy' }));
}

/** What the audience holds of a record at its home. */
function aboutCopy(row: EntityRow, copy: EntityRow | undefined, place: Pair['other']): Finding | undefined {
  const at = `${place.scope} ${place.key}`;
  const wanted = row.state === 'live';
  if (!copy) return wanted ? behind('copy_missing', at, 'its audience has no copy yet') : undefined;
  if (copy.version < row.version && (wanted || copy.state === 'live')) {
    return behind('copy_behind', at, `is of version ${copy.version}, the home of ${row.version}`);
  }
  // The home was read before: a later copy is of a later home.
  if (copy.version !== row.version) return undefined;
  if ((copy.state === 'live') !== wanted) return damage('copy_differs', at, `is ${copy.state}, the home ${row.state}`);
  return wanted && differing(copy.fields, row.fields).length > 0
    ? damage('copy_differs', at, `differs from its home in ${differing(copy.fields, row.fields).join(', ')}`)
    : undefined;
}

/** What the home says of a copy that is live here. */
function aboutHome(copy: EntityRow, home: EntityRow | undefined): Finding | undefined {
  const at = `${copy.scope} ${recordKey(copy.scope, copy.home, copy.type, copy.entityId)}`;
  if (home && home.version < copy.version) return damage('copy_ahead', at, `is of version ${copy.version}, the home of ${home.version}`);
  const belongs = home?.state === 'live' && home.audience.includes(copy.scope);
  if (!belongs) return behind('copy_left_over', at, 'is still live, and its home no longer names this audience');
  return home.version > copy.version ? behind('copy_behind', at, `is of version ${copy.version}, the home of ${home.version}`) : undefined;
}
