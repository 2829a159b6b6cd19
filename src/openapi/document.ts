import type { Domain } from '../engine/domain.ts';
import type { JsonObject } from '../protocol/json.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { adminAnswers } from './admin-answers.ts';
import { answersOf, HEADERS } from './answers.ts';
import { namedSchemas, refTo } from './components.ts';
import { actionTable, anyRecord, byCollection, recordName, recordSchemas } from './domain-records.ts';
import type { Schema } from './json-schema.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { parametersOf } from './parameters.ts';

const ABOUT = `Phones upload what their users did offline and download what changed. Nothing accepted is lost, nothing is done twice,
nothing is silently overwritten.

JSON in UTF-8. Routes below \`/api/v1\` need \`Authorization: Bearer <JWT>\`. Errors are problem documents; decide by \`code\`.
Trouble on the server's side is 503, never 4xx: the request may still have taken effect, and sending it again is safe.
Within version 1 answers only gain fields: ignore those that you do not know. Whole numbers are within ±(2^53−1), times are
ISO 8601 in UTC.`;

const TAGS = [
  { name: 'Sync', description: 'For phones.' },
  { name: 'Admin', description: 'For tokens with the role `admin`.' },
  { name: 'Service', description: 'For anyone.' },
];

/** An OpenAPI document, as far as this project reads one. */
export type OpenApiDocument = {
  openapi: string;
  paths: Record<string, Record<string, Schema & { responses: Record<string, Schema> }>>;
  components: { schemas: Record<string, Schema> } & Record<string, unknown>;
} & Record<string, unknown>;

/**
 * The HTTP API with this domain in OpenAPI 3.1, made of the schemas that validate and the table of routes. `example`: the
 * body of an upload.
 */
export function openApiDocument(domain: Domain, example: JsonObject): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fieldsync',
      version: PROTOCOL_VERSION,
      summary: 'Offline-first sync for mobile apps',
      description: ABOUT,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where this document comes from' }],
    security: [{ token: [] }],
    tags: TAGS,
    paths: pathsOf(domain, example),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Signed with ES256, RS256 or EdDSA by the issuer of the deployment. `iss`, `aud`, `exp`, `iat`, `sub` and `role` are required.',
        },
      },
      headers: HEADERS,
      schemas: schemasOf(domain),
    },
  };
}

function pathsOf(domain: Domain, example: JsonObject): OpenApiDocument['paths'] {
  const paths: OpenApiDocument['paths'] = {};
  for (const [routeKey, operation] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = routeKey.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(operation, domain, example) };
  }
  return paths;
}

function operationObject(operation: Operation, domain: Domain, example: JsonObject): Schema & { responses: Record<string, Schema> } {
  const { id, tag, summary, description, body } = operation;
  const parameters = parametersOf(operation);
  const uploads = body === 'UploadRequest';
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: uploads ? `${description}\n\n${actionTable(domain)}` : description,
    ...(operation.public ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: refTo(body), ...(uploads ? { example } : {}) } } } }),
    responses: answersOf(operation),
  };
}

function schemasOf(domain: Domain): Record<string, Schema> {
  const { Record: base, DownloadResponse: page, Problem: problem, ...named } = namedSchemas();
  const lists = {
    data: byCollection(domain, recordName),
    deleted: byCollection(domain, () => 'DeletedRecord'),
  };
  return {
    ...named,
    DownloadResponse: withProperties(page, Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, { ...described(page, name), ...list }]))),
    Record: anyRecord(domain),
    ...recordSchemas(domain, base),
    ...adminAnswers(),
    Problem: problem,
    ConflictProblem: withProperties(problem, { conflict: { description: 'The conflict as it now is.', ...refTo('Conflict') } }),
    GatewayMessage: {
      type: 'object',
      description: 'The gateway\'s own words: its answers can\'t be shaped. `docs/errors` says what each status means.',
      properties: { message: { type: 'string', description: 'Such as `Too Many Requests`.' } },
      required: ['message'],
    },
  };
}

function withProperties(schema: Schema, properties: Record<string, Schema>): Schema {
  return { ...schema, properties: { ...(schema['properties'] as object), ...properties } };
}

function described(schema: Schema, property: string): Schema {
  const { description } = (schema['properties'] as Record<string, Schema>)[property] ?? {};
  return description === undefined ? {} : { description };
}
