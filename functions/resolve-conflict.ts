import { decideConflict } from '../src/http/endpoints/resolve-conflict.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeHttp } from '../src/runtime/compose-http.ts';

/** Puts the decision about a conflict into the inbox and waits for it (design 4, Resolve). */
export const handler = httpHandler(composeHttp(process.env), {
  'POST /api/v1/sync/resolve-conflict': decideConflict,
});
