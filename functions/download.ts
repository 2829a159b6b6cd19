import { downloadChanges } from '../src/http/endpoints/download.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeHttp } from '../src/runtime/compose-http.ts';

/** Pages of changes since a cursor (design 4, Download). */
export const handler = httpHandler(composeHttp(process.env), {
  'GET /api/v1/sync/download': downloadChanges,
});
