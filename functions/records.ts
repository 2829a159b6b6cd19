import { earlierActions } from '../src/http/endpoints/actions.ts';
import { oneRecord } from '../src/http/endpoints/record.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeHttp } from '../src/runtime/compose-http.ts';

/** Single records, and results of earlier actions. */
export const handler = httpHandler(composeHttp(process.env), {
  'GET /api/v1/sync/actions': earlierActions,
  'GET /api/v1/sync/records/{entity_type}/{entity_id}': oneRecord,
});
