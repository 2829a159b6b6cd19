import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { civic } from '../../../src/domain/civic.ts';
import { UPLOAD_EXAMPLE } from '../../../src/domain/example.ts';
import { ROUTES } from '../../../src/http/routes.ts';
import { ERROR_CODES } from '../../../src/protocol/error-codes.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { uploadRequest } from '../../../src/protocol/upload.ts';
import { NAMED, namedSchemas, refTo } from '../../../src/openapi/components.ts';
import { DESCRIPTIONS } from '../../../src/openapi/descriptions.ts';
import { openApiDocument } from '../../../src/openapi/document.ts';
import type { Schema } from '../../../src/openapi/json-schema.ts';
import { notes } from '../../support/note-domain.ts';
import { schemaOutline } from '../../support/schema-outline.ts';

const document = openApiDocument(civic, UPLOAD_EXAMPLE);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })));

describe('the OpenAPI document', () => {
  it('passes a public linter, at its strictest', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] });
    const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: '/openapi.json', config });
    expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)).toEqual([]);
  });

  it('has every route that is served, and no other', () => {
    expect(operations.map(({ route }) => route).toSorted()).toEqual(Object.values(ROUTES).flat().toSorted());
  });

  it('has every code of the list on some route, with its status', () => {
    const told = operations.flatMap(({ operation }) => Object.entries(operation.responses).flatMap(([status, answer]) =>
      codesIn(answer).map((code) => [code, Number(status)] as const)));
    const ofFallback = ['method_not_allowed'];
    expect(new Map(told)).toEqual(new Map(Object.entries(ERROR_CODES)
      .filter(([code]) => !ofFallback.includes(code)).map(([code, { status }]) => [code, status])));
  });

  it('asks for a token on every route below the base path, and on no other', () => {
    for (const { route, operation } of operations) {
      expect([route, operation['security'] === undefined]).toEqual([route, route.includes(' /api/')]);
    }
  });

  it('says in words what every property of every named schema is, and of nothing else', () => {
    for (const [name, schema] of Object.entries(namedSchemas())) {
      if (name === 'Record') continue; // its keys are explained where they are downloaded
      const words = Object.keys(DESCRIPTIONS[name as keyof typeof NAMED]).filter((key) => key !== '');
      expect([name, words.toSorted()]).toEqual([name, Object.keys((schema['properties'] ?? {}) as object).toSorted()]);
    }
  });

  it('only gains within version 1: what was promised stays, as required and of the same form', () => {
    const promised = readFileSync(new URL('version-1.txt', import.meta.url), 'utf8').trimEnd().split('\n');
    const today = new Set(schemaOutline(document));
    expect(PROTOCOL_VERSION).toMatch(/^1\./);
    expect(promised.length).toBeGreaterThan(200);
    expect(promised.filter((line) => !today.has(line))).toEqual([]);
  });

  it('holds only references that lead somewhere', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(refs.length).toBeGreaterThan(100);
    const broken = refs.filter(([, kind = '', name = '']) => !Object.hasOwn((document.components[kind] ?? {}) as object, name));
    expect(broken).toEqual([]);
    expect(JSON.stringify(document)).not.toContain('__shared');
  });

  it('shows an upload that validates, by the document as by the schema', () => {
    const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
    ajv.addSchema(document, 'doc');
    const validate = ajv.compile({ $ref: `doc${refTo('UploadRequest')['$ref'] as string}` });
    expect(validate(UPLOAD_EXAMPLE)).toBe(true);
    expect(validate({ ...UPLOAD_EXAMPLE, device_id: 'no id' })).toBe(false);
    expect(uploadRequest.safeParse(UPLOAD_EXAMPLE).success).toBe(true);
  });

  it('follows the domain: its types, collections and actions, and no others', () => {
    const text = JSON.stringify(openApiDocument(notes, {}));
    expect(text).toContain('NoteRecord');
    expect(text).not.toMatch(/_report|ReportRecord|officer|pothole/i);
  });
});

function codesIn(answer: Schema): string[] {
  const content = (answer['content'] ?? {}) as Record<string, { schema?: { properties?: { code?: { enum?: string[] } } } }>;
  return content['application/problem+json']?.schema?.properties?.code?.enum ?? [];
}
