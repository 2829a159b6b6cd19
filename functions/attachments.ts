import { announceAttachment, linkToAttachment } from '../src/http/endpoints/attachments.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeAttachments } from '../src/runtime/compose-attachments.ts';

const runtime = composeAttachments(process.env);

/** Links to send attachments, and to see them (design 4, Photos). */
export const handler = httpHandler(runtime, {
  'POST /api/v1/sync/attachments': announceAttachment(runtime.objects),
  'GET /api/v1/sync/attachments/{attachment_id}': linkToAttachment(runtime.objects),
});
