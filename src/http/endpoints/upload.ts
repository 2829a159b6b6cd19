import type { FieldError } from '../../protocol/error-codes.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { uploadEnvelope, type UploadEnvelope } from '../../protocol/upload.ts';
import { upload } from '../../service/upload.ts';
import { readJson } from '../body.ts';
import type { Endpoint } from '../handler.ts';
import { jsonBytes } from '../json-bytes.ts';
import { preferencesOf } from '../prefer.ts';
import { invalid, validated } from '../validate.ts';

/** `POST /sync/upload`: a fault inside an action refuses that action only, any other the whole upload (protocol.md). */
export const uploadActions: Endpoint = async ({ deps, caller, event, remainingMs }) => {
  const { value, faults } = readJson(event, LIMITS.bodyBytes, 'actions');
  refuseTooMany(value);
  const envelope = validated(uploadEnvelope, value, '', faults.filter((fault) => !isOfOneAction(fault)));
  const guardFaults = [...faults.filter(isOfOneAction), ...tooLargeActions(envelope)];
  const { waitMs, representation, headers } = preferencesOf(event.headers, remainingMs(), ['wait', 'respond-async', 'return']);
  const { timeEpoch: receivedAtMs } = event.requestContext;
  const request = { envelope, guardFaults, waitMs, representation, bytes: event.body?.length ?? 0, receivedAtMs };
  const { status, body } = await upload(deps, caller, request);
  return { status, body, headers };
};

/** A schema would look at each of a million first. */
function refuseTooMany({ actions }: { actions?: unknown }): void {
  if (!Array.isArray(actions) || actions.length <= LIMITS.actionsPerUpload) return;
  throw invalid([{ pointer: '/actions', code: 'too_big', message: `Expected at most ${LIMITS.actionsPerUpload} items.` }]);
}

/** Without a sure `client_id` there is no action to refuse: such a fault is the upload's. */
function isOfOneAction({ pointer }: FieldError): boolean {
  return /^\/actions\/\d+(\/|$)/.test(pointer) && !/^\/actions\/\d+\/client_id$/.test(pointer);
}

function tooLargeActions({ actions }: UploadEnvelope): FieldError[] {
  return actions.flatMap(({ data, base }, i) => {
    if (jsonBytes(data) + jsonBytes(base) <= LIMITS.actionBytes) return [];
    return [{ pointer: `/actions/${i}/data`, code: 'too_large', message: `Expected at most ${LIMITS.actionBytes} bytes with base.` }];
  });
}
