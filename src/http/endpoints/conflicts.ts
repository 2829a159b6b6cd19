import { conflictsQuery } from '../../protocol/conflict.ts';
import { listConflicts } from '../../service/conflicts.ts';
import type { Endpoint } from '../handler.ts';
import { queryOf } from '../validate.ts';

/** `GET /sync/conflicts`. */
export const ownConflicts: Endpoint = async ({ deps, caller, event }) => ({
  status: 200,
  body: await listConflicts(deps, caller, queryOf(conflictsQuery, event)),
});
