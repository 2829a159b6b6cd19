import { uploadActions } from '../src/http/endpoints/upload.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeHttp } from '../src/runtime/compose-http.ts';

/** Accepts actions of a device into the inbox, queues them and waits for their outcomes (design 4, Upload). */
export const handler = httpHandler(composeHttp(process.env), {
  'POST /api/v1/sync/upload': uploadActions,
});
