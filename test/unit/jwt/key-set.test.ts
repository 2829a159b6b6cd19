import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJwtVerifier } from '../../../src/adapters/jwt/verifier.ts';
import type { Verifier } from '../../../src/service/ports.ts';
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

  it('drops a key that its issuer dropped', async () => {
    await verify();
    const [old] = issuer.keys;
    issuer.keys = [rotated];
    now += 10 * MINUTE;
    await expect(verify(old)).rejects.toThrow(UNAUTHORIZED);
  });
});

describe('a key set that can not be had', () => {
  it.each([500, 404, 302, 'not json', '{"keys": 7}'])('because of %s is trouble, never a refusal of the token (P12)', async (mood) => {
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
