import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { OpenApiDocument } from '../../src/openapi/document.ts';
import type { Schema } from '../../src/openapi/json-schema.ts';

/**
 * Compiles schemas of the document so that nothing passes that they do not name. The document itself leaves objects
 * open, for answers may gain fields within a version; but what is answered today must be in today's document.
 */
export class ClosedSchemas {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': true } });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor({ components }: OpenApiDocument) {
    this.#ajv.addSchema(rewritten(closed({ schemas: components.schemas })), 'document');
  }

  /** What is wrong with a value, a line each. */
  faults(schema: Schema, value: unknown): string[] {
    const key = JSON.stringify(schema);
    const validate = this.#compiled.get(key) ?? this.#ajv.compile(rewritten(closed(schema)));
    this.#compiled.set(key, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
  }
}

function closed(value: Schema): Schema {
  const inner = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, closedPart(part)]));
  const open = 'properties' in value && !('additionalProperties' in value) && !('$ref' in value);
  return open ? { ...inner, additionalProperties: false } : inner;
}

function closedPart(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closedPart);
  return typeof value === 'object' && value !== null ? closed(value as Schema) : value;
}

function rewritten(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/')) as Schema;
}
