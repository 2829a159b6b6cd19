import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJwtVerifier } from '../../../src/adapters/jwt/verifier.ts';
import type { Verifier } from '../../../src/service/ports/verifier.ts';
import { signingKey, TestIssuer } from '../../support/issuer.ts';

const NOW = Date.UTC(2026, 0, 1);
const S = Math.floor(NOW / 1000);

let issuer: TestIssuer;
let verifier: Verifier;

beforeAll(async () => {
  issuer = await TestIssuer.start(await signingKey('ES256', 'es'), await signingKey('RS256', 'rs'), await signingKey('EdDSA', 'ed'));
  verifier = createJwtVerifier(issuer.trust, { now: () => NOW });
});
afterAll(() => issuer.stop());

async function verify(claims: JWTPayload) {
  return verifier.verify(await issuer.token(NOW, claims));
}

function refusal(code: string) {
  return expect.objectContaining({ name: 'SyncError', code });
}

describe('a token', () => {
  it.each(['ES256', 'RS256', 'EdDSA'])('signed with %s gives its claims', async (alg) => {
    const token = await issuer.token(NOW, {}, issuer.keys.find((key) => key.alg === alg));
    expect(await verifier.verify(token)).toEqual({ sub: 'alice', role: 'citizen', departments: [] });
  });

  it.each([
    ['no exp', { exp: undefined }],
    ['no iat', { iat: undefined }],
    ['no sub', { sub: undefined }],
    ['no iss', { iss: undefined }],
    ['no aud', { aud: undefined }],
    ['another issuer', { iss: 'https://issuer.test.evil' }],
    ['another audience', { aud: ['elsewhere'] }],
    ['an iat ahead of us', { iat: S + 61 }],
    ['an iat that is text', { iat: String(S) as unknown as number }],
    ['an nbf ahead of us', { nbf: S + 61 }],
    ['an empty sub', { sub: '' }],
    ['a sub of 129 characters', { sub: 'x'.repeat(129) }],
    ['a sub with a line break', { sub: 'a\nb' }],
    ['a sub with a null', { sub: 'a\0b' }],
    ['a sub with a direction mark', { sub: 'a\u202eb' }],
    ['a sub with half a character', { sub: 'a\ud800' }],
  ] as [string, JWTPayload][])('with %s is refused', async (_, claims) => {
    await expect(verify(claims)).rejects.toThrow(refusal('unauthorized'));
  });

  it.each([
    ['expired within the tolerance', { exp: S - 59 }],
    ['issued ahead within the tolerance', { iat: S + 60 }],
    ['for several audiences', { aud: ['elsewhere', 'fieldsync'] }],
    ['with a long name from anywhere', { sub: 'ユーザー 😀 #/~'.padEnd(128, 'é') }],
  ] as [string, JWTPayload][])('%s is good', async (_, claims) => {
    expect((await verify(claims)).sub).toBe(claims.sub ?? 'alice');
  });

  it('that has expired says so', async () => {
    await expect(verify({ exp: S - 60 })).rejects.toThrow(refusal('token_expired'));
  });

  it.each([undefined, null, '', 'Admin', 'root', ['admin'], 'citizen '])('with the role %j is forbidden', async (role) => {
    await expect(verify({ role })).rejects.toThrow(refusal('forbidden'));
  });

  it.each([
    ['officer', ['roads', 'parks', 'roads'], ['parks', 'roads']],
    ['officer', undefined, []],
    ['citizen', ['roads'], []],
    ['citizen', 'roads', []],
    ['admin', ['roads'], []],
  ])('of a %s with departments %j grants %j', async (role, departments, granted) => {
    expect(await verify({ role, departments })).toEqual({ sub: 'alice', role, departments: granted });
  });

  it.each(['roads', [7], ['Roads'], [''], ['a/b'], ['x'.repeat(65)], { 0: 'roads' }])('of an officer with departments %j is forbidden', async (departments) => {
    await expect(verify({ role: 'officer', departments })).rejects.toThrow(refusal('forbidden'));
  });
});

describe('a forged token is refused:', () => {
  it('unsigned', async () => {
    const token = new UnsecuredJWT({ sub: 'alice', role: 'admin', iss: issuer.issuer, aud: issuer.audience, iat: S, exp: S + 60 }).encode();
    await expect(verifier.verify(token)).rejects.toThrow(refusal('unauthorized'));
  });

  it('signed by a stranger under a known key id', async () => {
    const stranger = await signingKey('ES256', 'es');
    await expect(verifier.verify(await issuer.token(NOW, {}, stranger))).rejects.toThrow(refusal('unauthorized'));
  });

  it('signed with the public key as a shared secret', async () => {
    const payload = { sub: 'alice', role: 'admin', iss: issuer.issuer, aud: issuer.audience, iat: S, exp: S + 60 };
    const secret = Buffer.from(JSON.stringify(issuer.keys[1]?.jwk));
    const token = await new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid: 'rs' }).sign(secret);
    await expect(verifier.verify(token)).rejects.toThrow(refusal('unauthorized'));
  });

  it('signed with an algorithm that is not ours, by a key that is', async () => {
    const other = await signingKey('ES384', 'es384');
    issuer.keys.push(other);
    await expect(createJwtVerifier(issuer.trust, { now: () => NOW }).verify(await issuer.token(NOW, {}, other))).rejects.toThrow(refusal('unauthorized'));
    issuer.keys.pop();
  });

  it('with a changed payload', async () => {
    const [header, , signature] = (await issuer.token(NOW)).split('.');
    const payload = Buffer.from(JSON.stringify({ sub: 'bob', role: 'admin', iss: issuer.issuer, aud: issuer.audience, iat: S, exp: S + 60 })).toString('base64url');
    await expect(verifier.verify(`${header}.${payload}.${signature}`)).rejects.toThrow(refusal('unauthorized'));
  });

  it.each(['', 'a', 'a.b.c', 'e30.e30.', '..'])('or none at all: %j', async (token) => {
    await expect(verifier.verify(token)).rejects.toThrow(refusal('unauthorized'));
  });
});
