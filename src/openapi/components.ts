import * as z from 'zod/mini';
import { adminParams, adminQueryRequest, redriveRequest, redriveResponse } from '../protocol/admin.ts';
import { attachmentLink, attachmentRequest, attachmentResponse } from '../protocol/attachment.ts';
import { conflict, conflictsResponse, resolveRequest, resolveResponse } from '../protocol/conflict.ts';
import { downloadResponse } from '../protocol/download.ts';
import { fieldError, json } from '../protocol/primitives.ts';
import { healthResponse, problem } from '../protocol/problem.ts';
import { deletedRecord, record, recordResponse } from '../protocol/record.ts';
import { statusResponse } from '../protocol/status.ts';
import { action, actionsResponse, deviceInfo, result, uploadRequest, uploadResponse } from '../protocol/upload.ts';
import { DESCRIPTIONS } from './descriptions.ts';
import { tidied, type Schema } from './json-schema.ts';

/** The schemas that validate, by the names that they have in the document. */
export const NAMED = {
  UploadRequest: uploadRequest,
  Action: action,
  DeviceInfo: deviceInfo,
  UploadResponse: uploadResponse,
  ActionResult: result,
  ActionsResponse: actionsResponse,
  DownloadResponse: downloadResponse,
  Record: record,
  DeletedRecord: deletedRecord,
  RecordResponse: recordResponse,
  StatusResponse: statusResponse,
  Conflict: conflict,
  ConflictsResponse: conflictsResponse,
  ResolveRequest: resolveRequest,
  ResolveResponse: resolveResponse,
  AttachmentRequest: attachmentRequest,
  AttachmentResponse: attachmentResponse,
  AttachmentLink: attachmentLink,
  AdminQueryRequest: adminQueryRequest,
  AdminParams: adminParams,
  RedriveRequest: redriveRequest,
  RedriveResponse: redriveResponse,
  HealthResponse: healthResponse,
  Problem: problem,
  FieldError: fieldError,
  Json: json,
} as const satisfies Record<string, z.ZodMiniType>;

export type SchemaName = keyof typeof NAMED;

/** Where a named schema stands in the document. */
export function pointerTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/** A reference to a named schema. */
export function refTo(name: string): Schema {
  return { $ref: pointerTo(name) };
}

/** The named schemas in JSON Schema 2020-12, which refer to each other, with words for people. */
export function namedSchemas(): Record<SchemaName, Schema> {
  return jsonSchemas({}) as Record<SchemaName, Schema>;
}

/** JSON Schema of schemas without a name of their own; inside, they refer to the named ones. */
export function jsonSchemas(others: Readonly<Record<string, z.ZodMiniType>>): Record<string, Schema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...NAMED, ...others })) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: pointerTo, io: 'input' });
  const wanted = Object.keys(others).length > 0 ? Object.keys(others) : Object.keys(NAMED);
  return Object.fromEntries(wanted.map((name) => [name, described(name, tidied(schemas[name] as Schema))]));
}

function described(name: string, schema: Schema): Schema {
  const words = (DESCRIPTIONS as Record<string, Readonly<Record<string, string>> | undefined>)[name];
  const properties = schema.properties as Record<string, Schema> | undefined;
  if (!words || !properties) return words?.[''] === undefined ? schema : { description: words[''], ...schema };
  const worded = Object.entries(properties).map(([property, form]) => {
    const text = words[property];
    return [property, text === undefined ? form : { description: text, ...form }];
  });
  return { ...(words[''] === undefined ? {} : { description: words[''] }), ...schema, properties: Object.fromEntries(worded) as Record<string, Schema> };
}
