import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';
import { id } from './primitives.ts';

export const ATTACHMENT_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/heic'] as const;

/** SHA-256 of the bytes: 64 hexadecimal digits, or base64. */
export const SHA256_PATTERN = /^([0-9A-Fa-f]{64}|[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;

/** `POST /sync/attachments`: announces bytes that will be sent to the link of the answer. */
export const attachmentRequest = z.object({
  client_id: id,
  content_type: z.enum(ATTACHMENT_TYPES),
  size: z.int().check(z.gte(1), z.lte(LIMITS.attachmentBytes)),
  sha256: z.string().check(z.regex(SHA256_PATTERN)),
});
export type AttachmentRequest = z.infer<typeof attachmentRequest>;

export const attachmentState = z.enum(['awaited', 'ready', 'refused']);

export const attachmentResponse = z.object({
  success: z.literal(true),
  attachment_id: z.string(),
  state: attachmentState,
  upload: z.nullable(
    z.object({ url: z.string(), method: z.literal('PUT'), headers: z.record(z.string(), z.string()), expires_at: z.string() }),
  ),
});
export type AttachmentResponse = z.infer<typeof attachmentResponse>;

/** `GET /sync/attachments/{attachment_id}`: the record that shows it. */
export const attachmentQuery = z.object({ entity_id: z.string().check(z.minLength(1), z.maxLength(128)) });

export const attachmentLink = z.object({ success: z.literal(true), url: z.string(), expires_at: z.string() });
export type AttachmentLinkResponse = z.infer<typeof attachmentLink>;
