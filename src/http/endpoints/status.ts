import { statusQuery } from '../../protocol/status.ts';
import { status } from '../../service/status.ts';
import type { Endpoint } from '../handler.ts';
import { queryOf } from '../validate.ts';

/** `GET /sync/status`. */
export const deviceStatus: Endpoint = async ({ deps, caller, event }) => ({
  status: 200,
  body: await status(deps, caller, queryOf(statusQuery, event).device_id),
});
