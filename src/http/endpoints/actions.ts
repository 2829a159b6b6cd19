import { LIMITS } from '../../protocol/limits.ts';
import { ID_PATTERN } from '../../protocol/primitives.ts';
import { actionsQuery } from '../../protocol/upload.ts';
import { lookupActions } from '../../service/lookup.ts';
import { SyncError } from '../../service/errors.ts';
import type { Endpoint } from '../handler.ts';
import { queryOf } from '../validate.ts';

/** `GET /sync/actions`: `client_ids` are joined by commas. */
export const earlierActions: Endpoint = async ({ deps, caller, event }) => {
  const query = queryOf(actionsQuery, event);
  const clientIds = query.client_ids.split(',');
  if (clientIds.length > LIMITS.actionsPerLookup || !clientIds.every((id) => ID_PATTERN.test(id))) {
    const message = `Expected 1 to ${LIMITS.actionsPerLookup} ids, joined by commas.`;
    throw new SyncError('validation_failed', 'The request is not valid.', {
      errors: [{ pointer: '/query/client_ids', code: 'invalid_format', message }],
    });
  }
  return { status: 200, body: await lookupActions(deps, caller, query.device_id, clientIds) };
};
