import { ownConflicts } from '../src/http/endpoints/conflicts.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeHttp } from '../src/runtime/compose-http.ts';

/** Lists conflicts of the caller. */
export const handler = httpHandler(composeHttp(process.env), {
  'GET /api/v1/sync/conflicts': ownConflicts,
});
