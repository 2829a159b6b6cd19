import { describe, expect, it } from 'vitest';
import type * as z from 'zod/mini';
import { pointerIssues, pointerOf } from '../../../src/protocol/issues.ts';
import { downloadQuery } from '../../../src/protocol/download.ts';
import { action, uploadEnvelope } from '../../../src/protocol/upload.ts';

function faults(schema: z.ZodMiniType, input: unknown, at = '') {
  const parsed = schema.safeParse(input);
  return parsed.success ? [] : pointerIssues(parsed.error.issues, { input, at });
}

const good = { client_id: 'a', action_type: 'create_report', entity_type: 'report' };

describe('faults that a schema finds', () => {
  it.each([
    [{}, '/client_id', 'required', 'This is required.'],
    [{ ...good, client_id: null }, '/client_id', 'invalid_type', 'Expected text.'],
    [{ ...good, client_id: 'a b' }, '/client_id', 'invalid_format', 'Expected text of the form /^[A-Za-z0-9_-]{1,64}$/.'],
    [{ ...good, base_version: 1.5 }, '/base_version', 'invalid_type', 'Expected a whole number.'],
    [{ ...good, priority: 10 }, '/priority', 'too_big', 'Expected at most 9.'],
    [{ ...good, entity_type: '' }, '/entity_type', 'too_small', 'Expected at least 1 character.'],
    [{ ...good, entity_id: '' }, '/entity_id', 'too_small', 'Expected at least 1 character.'],
    [{ ...good, entity_id: [] }, '/entity_id', 'invalid_type', 'Expected text or a number.'],
    [{ ...good, data: [] }, '/data', 'invalid_type', 'Expected an object.'],
    [{ ...good, conflict_strategy: 'mine' }, '/conflict_strategy', 'invalid_value', 'Expected one of: server_wins, client_wins, merge, manual.'],
    [{ ...good, timestamp: '2025-10-19' }, '/timestamp', 'invalid_format', 'Expected a time in ISO 8601 with a zone, such as 2025-10-19T10:00:00Z.'],
  ])('of %j is told at %s as %s: %s', (input, pointer, code, message) => {
    expect(faults(action, input)[0]).toEqual({ pointer, code, message });
  });

  it('stand below the place where the value stood', () => {
    expect(faults(downloadQuery, { limit: '0' }, '/query').map((fault) => fault.pointer)).toEqual(['/query/device_id', '/query/limit']);
  });

  it('name the place inside a list', () => {
    const envelope = { device_id: 'd', actions: [good, { client_id: 'x y' }] };
    expect(faults(uploadEnvelope, envelope).map((fault) => fault.pointer)).toEqual(['/actions/1/client_id']);
  });

  it('are at most 100, however long the list', () => {
    expect(faults(uploadEnvelope, { device_id: 'd', actions: Array.from({ length: 500 }, () => ({})) })).toHaveLength(100);
  });

  it('hold nothing of the input', () => {
    const secret = 'S3CRET';
    const input = { client_id: `${secret} `, action_type: [secret], entity_type: secret.repeat(20), conflict_strategy: secret, timestamp: secret };
    expect(JSON.stringify(faults(action, input))).not.toContain(secret);
  });

  it('without the input call a missing key by its type', () => {
    const parsed = action.safeParse({ ...good, client_id: undefined });
    expect(pointerIssues(parsed.error?.issues ?? [])).toEqual([{ pointer: '/client_id', code: 'invalid_type', message: 'Expected text.' }]);
  });
});

it('a pointer escapes ~ and / in keys', () => {
  expect(pointerOf(['a/b', 'c~d', 3], '/at')).toBe('/at/a~1b/c~0d/3');
});

describe('a pointer', () => {
  it('ends before a name that is too long, and before it gets too long itself', () => {
    expect(pointerOf(['data', 'x'.repeat(65), 'a'])).toBe('/data');
    expect(pointerOf(['data', 'x'.repeat(64)], '/actions/1')).toBe(`/actions/1/data/${'x'.repeat(64)}`);
    expect(pointerOf(Array.from({ length: 20 }, () => 'x'.repeat(60)))).toHaveLength(244);
  });
});
