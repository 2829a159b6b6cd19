import type { AdminRow } from '../../protocol/admin.ts';
import { iso } from '../../engine/wire.ts';
import { batchRef } from '../batch-ref.ts';
import type { Deps } from '../deps.ts';
import { withoutOutcome } from '../open-actions.ts';
import type { BatchHeader } from '../ports/inbox.ts';
import { UNKNOWN_ERRORS_UNTIL_DEAD } from '../retry-policy.ts';
import { walk, type Source } from '../walk.ts';
import { passes, within, type AdminQuery, type Ask, type Params } from './ask.ts';

type Queued = { header: BatchHeader; entry: BatchHeader['actions'][number] };

/** Actions that were accepted and have no outcome, those behind a dead batch too. */
export const pendingActions: AdminQuery = (deps, ask) => actionsIn(deps, ask, 'pending', rowOf);

/** Actions of dead batches that have no outcome, with the reason. */
export const failedActions: AdminQuery = (deps, ask) =>
  actionsIn(deps, ask, 'dead', (queued) => ({
    ...rowOf(queued),
    retry_count: queued.header.attempts,
    max_retries: UNKNOWN_ERRORS_UNTIL_DEAD,
    last_error: queued.header.lastError ?? null,
  }));

async function actionsIn(deps: Deps, ask: Ask, state: BatchHeader['state'], toRow: (queued: Queued) => AdminRow) {
  const { params } = ask;
  const { items, ...more } = await walk(
    deps,
    {
      source: sourceOf(deps, params, state),
      items: (header) => header.actions.map((entry): Queued => ({ header, entry })),
      keyOf: ({ header, entry }) => `${batchRef(header.owner, header.batchId)} ${entry.clientId}`,
      keep: ({ header, entry }) =>
        passes(params.user, header.owner.user) &&
        passes(params.device, header.owner.device) &&
        passes(params.clientId, entry.clientId) &&
        passes(params.type, entry.entityType) &&
        passes(params.entityId, entityIdOf(entry)) &&
        within(params, header.acceptedAt),
    },
    ask.from,
    ask.limit,
  );
  return { rows: items.map(toRow), ...more };
}

/** One device's own rows where it is named: strong, and no search through everybody's. */
function sourceOf(deps: Deps, { user, device }: Params, state: BatchHeader['state']): Source<BatchHeader> {
  if (user === undefined || device === undefined) {
    return async (after, limit) => {
      const { rows, ...more } = await deps.inbox.list(state, after, limit);
      return { rows: await withoutOutcome(deps, rows), ...more };
    };
  }
  return async () => {
    const headers = await withoutOutcome(deps, await deps.inbox.headers({ user, device }));
    return { rows: headers.filter((header) => header.state === state) };
  };
}

function rowOf({ header, entry }: Queued): AdminRow {
  return {
    client_id: entry.clientId,
    user: header.owner.user,
    device_id: header.owner.device,
    action_type: entry.actionType,
    entity_type: entry.entityType,
    entity_id: entityIdOf(entry) ?? null,
    accepted_at: iso(header.acceptedAt),
    attempts: header.attempts,
    batch_id: batchRef(header.owner, header.batchId),
  };
}

/** From the record's global key, `type#id#home`: ids are encoded and hold no '#'. */
export function entityIdOf({ record }: Queued['entry']): string | undefined {
  const id = record?.split('#')[1];
  return id === undefined ? undefined : decodeURIComponent(id);
}
