import { actionKey } from '../../engine/keys.ts';
import type { Commit } from '../../engine/model.ts';
import { viewsOf } from '../../engine/views.ts';
import type { Deps } from '../deps.ts';
import { damage, differing, type Finding } from './finding.ts';

/** Every outcome of the commit has its row, which says the same; and no other commit of this scope has it too (P2). */
export async function checkOutcomes(deps: Pick<Deps, 'actions'>, commit: Commit): Promise<Finding[]> {
  const { actions } = viewsOf(commit);
  if (actions.length === 0) return [];
  const rows = await deps.actions.get(actions.map(({ user, clientId }) => ({ user, clientId })));
  return actions.flatMap((image) => {
    const at = `${image.user} ${image.clientId}`;
    const row = rows.get(actionKey(image.user, image.clientId));
    if (!row) return [damage('outcome_missing', at, `commit ${commit.n} has it`)];
    // Sent to two scopes at once, by the phone's own fault: each log has an outcome, one of them counts (P2).
    if (row.scope !== commit.scope) return [];
    if (row.n !== commit.n) return [damage('outcome_twice', at, `is of commit ${row.n}, and ${commit.n} has it too`)];
    const members = differing(row, image);
    return members.length > 0 ? [damage('outcome_differs', at, `differs from commit ${commit.n} in ${members.join(', ')}`)] : [];
  });
}
