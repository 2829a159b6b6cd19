import { attachmentQuery, attachmentRequest } from '../../protocol/attachment.ts';
import { announce } from '../../service/attachments/announce.ts';
import { linkTo } from '../../service/attachments/link.ts';
import type { Objects } from '../../service/ports/objects.ts';
import type { Endpoint } from '../handler.ts';
import { bodyOf, queryOf } from '../validate.ts';

/** `POST /sync/attachments`. */
export function announceAttachment(objects: () => Objects): Endpoint {
  return async ({ deps, caller, event }) => {
    const request = bodyOf(attachmentRequest, event);
    return { status: 200, body: await announce(deps, objects(), caller, request) };
  };
}

/** `GET /sync/attachments/{attachment_id}`. */
export function linkToAttachment(objects: () => Objects): Endpoint {
  return async ({ deps, caller, event }) => {
    const { entity_id: entityId } = queryOf(attachmentQuery, event);
    const { attachment_id: id = '' } = event.pathParameters ?? {};
    return { status: 200, body: await linkTo(deps, objects(), caller, id, entityId) };
  };
}
