import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJwtVerifier } from '../../src/adapters/jwt/verifier.ts';
import { createEdge, TOKEN_ROUTES, type Edge } from '../support/edge.ts';
import { bodyJson, testRuntime } from '../support/http.ts';
import { TestIssuer } from '../support/issuer.ts';
import { attempt } from '../support/tokens/attempt.ts';
import { Forge } from '../support/tokens/forge.ts';
import { MUTANTS } from '../support/tokens/mutants.ts';

const NOW = Date.UTC(2026, 0, 1);

let issuer: TestIssuer;
let forge: Forge;
let edge: Edge;
let touched = 0;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'first', alg: 'ES256', use: 'sig' };
  issuer = await TestIssuer.start({ alg: 'ES256', privateKey, jwk });
  forge = new Forge(issuer, { ...(await exportJWK(privateKey)), kid: 'first' }, NOW);
  const verifier = createJwtVerifier(issuer.trust, { now: () => NOW });
  const runtime = testRuntime();
  edge = createEdge({ ...runtime, verifier: () => verifier, deps: () => (touched++, runtime.world) });
});
afterAll(() => issuer.stop());

describe(`none of ${MUTANTS.length} bad credentials opens a route`, () => {
  it('which a good one does', async () => {
    const good = { name: 'good', code: 'unauthorized' as const, headers: (f: Forge): [string, string][] => [['authorization', `Bearer ${f.token()}`]] };
    for (const route of TOKEN_ROUTES) expect([route, (await edge(attempt(route, good, forge))).statusCode]).not.toEqual([route, 401]);
    expect(touched).toBe(TOKEN_ROUTES.length);
  });

  it.each(TOKEN_ROUTES)('%s (P10, P12)', async (route) => {
    touched = 0;
    const opened: string[] = [];
    for (const mutant of MUTANTS) {
      const answer = await edge(attempt(route, mutant, forge));
      const { code } = bodyJson(answer);
      const asked = mutant.code === 'forbidden' || answer.headers?.['www-authenticate'] !== undefined;
      const status = mutant.code === 'forbidden' ? 403 : 401;
      if (answer.statusCode !== status || code !== mutant.code || !asked) opened.push(`${mutant.name}: ${answer.statusCode} ${String(code)}`);
    }
    expect(opened).toEqual([]);
    expect(touched).toBe(0);
  });

  it('and all together cost the issuer a few requests for its keys', () => {
    expect(issuer.asked).toBeLessThanOrEqual(2);
  });
});
