import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { consoleConfig } from '../../console/src/config.ts';

const signIn = {
  issuer: 'https://login.example.org/', authorization_endpoint: 'https://login.example.org/authorize', token_endpoint: 'https://login.example.org/token', client_id: 'console',
};
const accepts = (config: unknown) => z.safeParse(consoleConfig, config).success;

describe('config.json', () => {
  it('is accepted as a deployment and the local stack write it', () => {
    expect(accepts({ stage: 'prod', api: '', sign_in: { ...signIn, scope: 'openid', token: 'id_token' } })).toBe(true);
    expect(accepts({ api: 'https://api.example.org' })).toBe(true);
    expect(accepts({ api: '', sign_in: { ...signIn, issuer: 'http://localhost:3000/.local', authorization_endpoint: '/.local/authorize', token_endpoint: '/.local/token' } })).toBe(true);
  });

  it.each([
    ['no API', {}],
    ['an API without TLS', { api: 'http://api.example.org' }],
    ['a script for an API', { api: 'javascript:alert(1)' }],
    ['another host in the guise of a path', { api: '//evil.example.org' }],
    ['a token endpoint without TLS', { api: '', sign_in: { ...signIn, token_endpoint: 'http://login.example.org/token' } }],
    ['an unknown token', { api: '', sign_in: { ...signIn, token: 'refresh_token' } }],
    ['half a sign-in', { api: '', sign_in: { issuer: signIn.issuer } }],
  ])('is refused with %s', (_, config) => expect(accepts(config)).toBe(false));
});
