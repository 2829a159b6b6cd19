import { composeAttachmentCheck } from '../src/runtime/compose-attachments.ts';

/** Checks what was sent, tells the records that name it, and removes what none names any more (design 4, Photos). */
export const handler = composeAttachmentCheck(process.env);
