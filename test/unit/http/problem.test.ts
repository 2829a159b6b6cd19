import { describe, expect, it } from 'vitest';
import { problemAnswer } from '../../../src/http/problem.ts';
import { ERROR_CODES, type ErrorCode } from '../../../src/protocol/error-codes.ts';
import { problem } from '../../../src/protocol/problem.ts';
import { HoleInLog, SyncError, Trouble } from '../../../src/service/errors.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe('a problem document', () => {
  it.each(CODES)('for %s has all members and the status of its code', (code) => {
    const errors = [{ pointer: '/a', code: 'required', message: 'This is required.' }];
    const { status, body, headers } = problemAnswer(new SyncError(code, 'For people.', { errors }), 'request-1');
    const { title, retryable } = ERROR_CODES[code];
    expect(body).toEqual({
      type: `/docs/errors#${code}`, title, status, detail: 'For people.', code, request_id: 'request-1', retryable, errors,
    });
    expect(problem.safeParse(body).success).toBe(true);
    expect(status).toBe(ERROR_CODES[code].status);
    expect(headers).toHaveProperty('content-type', 'application/problem+json');
  });

  it.each(CODES)('for %s says when to try again exactly if that is 429 or 503', (code) => {
    const { status, headers } = problemAnswer(new SyncError(code, ''), 'r');
    expect(headers?.['retry-after'] !== undefined).toBe(status === 429 || status === 503);
  });

  it('carries the time that the refusal names, in whole seconds', () => {
    const answer = problemAnswer(new SyncError('too_many_pending', '', { retryAfterSeconds: 59.2 }), 'r');
    expect(answer.headers).toHaveProperty('retry-after', '60');
  });

  it('carries further members, none of which replaces its own', () => {
    const refused = new SyncError('conflict_changed', '', { members: { conflict: { id: 'c' }, status: 200, code: 'fine' } });
    expect(problemAnswer(refused, 'r').body).toMatchObject({ conflict: { id: 'c' }, status: 409, code: 'conflict_changed' });
  });

  it.each([
    [new Trouble('PutItem throttled for alice', new Error('secret')), 'unavailable'],
    [new HoleInLog('user:alice', 7), 'internal'],
    [new TypeError('secret of alice'), 'internal'],
    ['secret of alice', 'internal'],
    [undefined, 'internal'],
  ])('for what is no refusal is a 503 without a word of what happened (P12): %s', (error, code) => {
    const { status, body } = problemAnswer(error, 'r');
    expect(status).toBe(503);
    expect(body).toMatchObject({ code, retryable: true, errors: [] });
    expect(JSON.stringify(body)).not.toMatch(/alice|secret|PutItem|hole/);
  });

  it.each(['unauthorized', 'token_expired'] as const)('for %s asks for a bearer token', (code) => {
    expect(problemAnswer(new SyncError(code, ''), 'r').headers?.['www-authenticate']).toMatch(/^Bearer realm="fieldsync"/);
  });
});
