import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJwtVerifier } from '../../../src/adapters/jwt/verifier.ts';
import type { Verifier } from '../../../src/service/ports/verifier.ts';
import { signingKey, TestIssuer, type SigningKey } from '../../support/issuer.ts';

const MINUTE = 60_000;

let issuer: TestIssuer;
let verifier: Verifier;
let now: number;
let rotated: SigningKey;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  issuer = await TestIssuer.start(await signingKey('ES256', 'first'));
  rotated = await signingKey('ES256', 'second');
  verifier = createJwtVerifier(issuer.trust, { now: () => now });
});
afterEach(() => issuer.stop());

async function verify(key?: SigningKey) {
  return verifier.verify(await issuer.token(now, {}, key));
}

const GOOD = { sub: 'alice', role: 'citizen', departments: [] };
const UNAUTHORIZED = expect.objectContaining({ code: 'unauthorized' });
const TROUBLE = expect.objectContaining({ name: 'Trouble' });

describe('the key set', () => {
  it('is fetched once for many tokens at a time, and again only after ten minutes', async () => {
    await Promise.all(Array.from({ length: 10 }, () => verify()));
    now += 9 * MINUTE;
    await verify();
    expect(issuer.asked).toBe(1);
    now += MINUTE;
    await verify();
    expect(issuer.asked).toBe(2);
  });

  it('is fetched for a key that is new', async () => {
    await verify();
    issuer.keys.push(rotated);
    now += MINUTE;
    expect(await verify(rotated)).toEqual(GOOD);
  });

  it('is not fetched for every key that nobody knows', async () => {
    await verify();
    now += MINUTE;
    for (let i = 0; i < 5; i++) await expect(verify(rotated)).rejects.toThrow(UNAUTHORIZED);
    expect(issuer.asked).toBe(2);
    now += 31_000;
    await expect(verify(rotated)).rejects.toThrow(UNAUTHORIZED);
    expect(issuer.asked).toBe(3);
  });

  it('is fetched for a key that is new though it was fetched a moment ago', async () => {
    await verify();
    issuer.keys.push(rotated);
    now += 1000;
    expect(await verify(rotated)).toEqual(GOOD);
    expect(issuer.asked).toBe(2);
  });

  it('is fetched once for a flood of keys that nobody knows', async () => {
    await verify();
    now += MINUTE;
    const strangers = Array.from({ length: 200 }, (_, i) => issuer.token(now, {}, undefined, { kid: `nobody-${i}` }));
    const tried = await Promise.allSettled((await Promise.all(strangers)).map((token) => verifier.verify(token)));
    expect(tried.map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => 'rejected'));
    expect(issuer.asked).toBe(2);
    expect(await verify()).toEqual(GOOD);
  });

  it('turns over without one good token refused: first both keys are published, then both sign, then the old one goes', async () => {
    const [old] = issuer.keys as [SigningKey];
    const steps: (() => SigningKey[])[] = [
      () => [old],
      () => (issuer.keys.push(rotated), [old]),
      () => [old, rotated],
      () => [rotated],
      () => ((issuer.keys = [rotated]), [rotated]),
    ];
    for (const step of steps) {
      const signers = step();
      for (let minute = 0; minute < 12; minute++) {
        for (const key of signers) expect(await verify(key)).toEqual(GOOD);
        now += MINUTE;
      }
    }
    await expect(verify(old)).rejects.toThrow(UNAUTHORIZED);
  });

  it('may hold two keys of one id, or tokens name none: each is tried', async () => {
    const twin = await signingKey('ES256', 'first');
    issuer.keys.push(twin);
    for (const key of issuer.keys) expect(await verify(key)).toEqual(GOOD);
    const nameless = await issuer.token(now, {}, twin, { kid: undefined });
    expect(await verifier.verify(nameless)).toEqual(GOOD);
    await expect(verify(await signingKey('ES256', 'first'))).rejects.toThrow(UNAUTHORIZED);
    await expect(verifier.verify(await issuer.token(now, { exp: 0 }, twin, { kid: undefined }))).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('drops a key that its issuer dropped', async () => {
    await verify();
    const [old] = issuer.keys;
    issuer.keys = [rotated];
    now += 10 * MINUTE;
    await expect(verify(old)).rejects.toThrow(UNAUTHORIZED);
  });
});

describe('a key set that can not be had', () => {
  it.each([500, 404, 302, 'not json', '{"keys": 7}', '{"keys": []}', 'null', '{"keys": [{"kty": "oct", "k": "AAAA"}]}'])('because of %s is trouble, never a refusal of the token (P12)', async (mood) => {
    issuer.mood = mood;
    await expect(verify()).rejects.toThrow(TROUBLE);
    issuer.mood = 'fine';
    now += 2000;
    expect(await verify()).toEqual(GOOD);
  });

  it('because its server is gone is trouble', async () => {
    const token = await issuer.token(now);
    await issuer.stop();
    await expect(verifier.verify(token)).rejects.toThrow(TROUBLE);
    issuer = await TestIssuer.start();
  });

  it('because its server never answers is trouble', async () => {
    issuer.mood = 'silent';
    await expect(verify()).rejects.toThrow(TROUBLE);
  });

  it('lets the last good one count for an hour, and no longer', async () => {
    await verify();
    issuer.mood = 500;
    now += 59 * MINUTE;
    expect(await verify()).toEqual(GOOD);
    now += MINUTE;
    await expect(verify()).rejects.toThrow(TROUBLE);
  });

  it.each(['{"keys": []}', 'silent'] as const)('because it is %s lets the last good one count', async (mood) => {
    await verify();
    issuer.mood = mood;
    now += 11 * MINUTE;
    expect(await verify()).toEqual(GOOD);
  });

  it('is asked for again once half a minute has passed', async () => {
    await verify();
    issuer.mood = 500;
    now += 10 * MINUTE;
    for (let i = 0; i < 5; i++) await verify();
    expect(issuer.asked).toBe(2);
    now += MINUTE;
    await verify();
    expect(issuer.asked).toBe(3);
  });

  it('makes an unknown key trouble: it may be a new one', async () => {
    await verify();
    issuer.mood = 500;
    now += MINUTE;
    for (let i = 0; i < 2; i++) await expect(verify(rotated)).rejects.toThrow(TROUBLE);
    expect(await verify()).toEqual(GOOD);
  });

  it('does not matter to a token of an algorithm that is never accepted', async () => {
    issuer.mood = 500;
    const other = await signingKey('ES384', 'other');
    await expect(verify(other)).rejects.toThrow(UNAUTHORIZED);
    expect(issuer.asked).toBe(0);
  });
});

describe('a key that is no good', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const shared = { kty: 'oct', k: Buffer.alloc(32).toString('base64url') };
  const bad: [string, JWK][] = [
    ['an RSA key of 1,024 bits', { ...weak.publicKey.export({ format: 'jwk' }), alg: 'RS256' } as JWK],
    ['a shared secret', { ...shared, alg: 'HS256' }],
    ['a private key', weak.privateKey.export({ format: 'jwk' }) as JWK],
    ['a point that is not on the curve', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', alg: 'ES256' }],
    ['a curve that is not ours', { kty: 'EC', crv: 'P-384', x: 'AAAA', y: 'AAAA' }],
    ['something that is no key', 'x' as unknown as JWK],
  ];

  it.each(bad)('such as %s makes tokens that name it unknown, and harms no other', async (_, jwk) => {
    const good = issuer.keys[0] as SigningKey;
    issuer.keys.push({ ...rotated, jwk: typeof jwk === 'string' ? jwk : { ...jwk, kid: 'second' } });
    expect(await verify(good)).toEqual(GOOD);
    const token = await issuer.token(now, {}, good, { kid: 'second' });
    await expect(verifier.verify(token)).rejects.toThrow(UNAUTHORIZED);
    const claims = Buffer.from(JSON.stringify({ sub: 'root' })).toString('base64url');
    for (const alg of ['RS256', 'HS256', 'ES256']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'second' })).toString('base64url');
      await expect(verifier.verify(`${header}.${claims}.AAAA`)).rejects.toThrow(UNAUTHORIZED);
    }
  });

  it('such as one for encryption checks no signature', async () => {
    issuer.keys.push({ ...rotated, jwk: { ...rotated.jwk, use: 'enc' } });
    await expect(verify(rotated)).rejects.toThrow(UNAUTHORIZED);
  });
});
