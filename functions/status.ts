import { deviceStatus } from '../src/http/endpoints/status.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeHttp } from '../src/runtime/compose-http.ts';

/** Sync state of one device. */
export const handler = httpHandler(composeHttp(process.env), {
  'GET /api/v1/sync/status': deviceStatus,
});
