import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { durationSeconds } from '../../../local/token/duration.ts';
import { localIssuer } from '../../../local/token/local-issuer.ts';
import { signingKey } from '../../../local/token/signing-key.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'fieldsync-token-'));

describe('the local issuer', () => {
  it('signs tokens that its key set verifies, with the claims asked for', async () => {
    const issuer = await localIssuer(folder(), 3000);
    const token = await issuer.sign({ sub: 'olga', role: 'officer', departments: ['roads'], expiresInSeconds: 60 });
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(issuer.jwks), {
      issuer: issuer.issuer, audience: issuer.audience, algorithms: ['ES256'], requiredClaims: ['iat', 'exp', 'sub'],
    });
    expect(payload).toMatchObject({ sub: 'olga', role: 'officer', departments: ['roads'] });
    expect(payload.exp! - payload.iat!).toBe(60);
    expect(protectedHeader.kid).toBe(issuer.jwks.keys[0]!.kid);
  });

  it('makes tokens that expired, though issued before that', async () => {
    const issuer = await localIssuer(folder(), 3000);
    const token = await issuer.sign({ sub: 'a', role: 'citizen', expiresInSeconds: -3600 });
    await expect(jwtVerify(token, createLocalJWKSet(issuer.jwks))).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  });

  it('shows no private key', async () => {
    expect((await localIssuer(folder(), 3000)).jwks.keys[0]).not.toHaveProperty('d');
  });

  it('is another one on another port, with the same key', async () => {
    const dataDir = folder();
    const [a, b] = [await localIssuer(dataDir, 3000), await localIssuer(dataDir, 3001)];
    expect(a.issuer).not.toBe(b.issuer);
    expect(a.audience).not.toBe(b.audience);
    expect(a.jwks).toEqual(b.jwks);
  });
});

describe('the signing key', () => {
  it('is made once, however many make it at the same time, and only its owner may read it', async () => {
    const dataDir = join(folder(), 'not', 'yet');
    const keys = await Promise.all(Array.from({ length: 8 }, () => signingKey(dataDir)));
    expect(new Set(keys.map((key) => key.kid)).size).toBe(1);
    expect(readdirSync(dataDir)).toEqual(['signing-key.json']);
    expect(statSync(join(dataDir, 'signing-key.json')).mode & 0o777).toBe(0o600);
  });

  it('says what to do when its file is damaged', async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'signing-key.json'), '{');
    await expect(signingKey(dataDir)).rejects.toThrow('Delete it');
  });
});

describe('the token command', () => {
  const run = (...args: string[]) => promisify(execFile)(process.execPath,
    [fileURLToPath(new URL('../../../local/token-command.js', import.meta.url)), ...args],
    { env: { PATH: process.env['PATH'], PORT: '3456', FIELDSYNC_DATA_DIR: folder() } });

  it('prints a token and nothing else', async () => {
    const { stdout, stderr } = await run('--sub', 'alice', '--role', 'citizen', '--departments', 'roads, water', '--expires', '15m');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const payload = JSON.parse(Buffer.from(stdout.split('.')[1]!, 'base64url').toString());
    expect(payload).toMatchObject({ sub: 'alice', role: 'citizen', departments: ['roads', 'water'], iss: 'http://localhost:3456/.local' });
    expect(payload.exp - payload.iat).toBe(900);
  });

  it.each([
    [['--role', 'citizen'], '--sub is missing'],
    [['--sub', 'alice'], '--role is missing'],
    [['--sub', 'alice', '--rolle', 'citizen'], '--rolle'],
    [['--sub', 'alice', '--role', 'citizen', '--expires', 'soon'], 'not a duration'],
    [['alice'], 'alice'],
  ])('refuses %j with one sentence', async (args, sentence) => {
    const failure = await run(...args).then(() => undefined, (error: { code: number; stdout: string; stderr: string }) => error);
    expect(failure).toMatchObject({ code: 1, stdout: '' });
    expect(failure!.stderr).toContain(sentence);
    expect(failure!.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a duration', () => {
  it.each([['90s', 90], ['15m', 900], ['8h', 28_800], ['2d', 172_800], ['-1h', -3600]])('%s is %d s', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(['', '8', 'h', '1.5h', '1h30m', '--1h'])('is not %j', (text) => {
    expect(durationSeconds(text)).toBeUndefined();
  });
});
