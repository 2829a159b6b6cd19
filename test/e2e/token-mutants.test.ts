import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { localIssuer } from '../../local/token/local-issuer.ts';
import { signingKey } from '../../local/token/signing-key.ts';
import { TOKEN_ROUTES } from '../support/edge.ts';
import { RawHttp } from '../support/raw-http.ts';
import { attempt } from '../support/tokens/attempt.ts';
import { Forge } from '../support/tokens/forge.ts';
import { MUTANTS } from '../support/tokens/mutants.ts';

// The same table as in test/integration, here through the gateway and the bundled functions.

let http: RawHttp;
let forge: Forge;
beforeAll(async () => {
  const { url, port, dataDir } = inject('stack');
  http = new RawHttp(url);
  forge = new Forge(await localIssuer(dataDir, port), await signingKey(dataDir), Date.now());
});
afterAll(() => http.close());

it.each(TOKEN_ROUTES)('bad credentials are refused at %s (P10, P12)', async (route) => {
  const opened = await Promise.all(MUTANTS.map(async (mutant) => {
    const { status, text } = await http.send(attempt(route, mutant, forge));
    const { code } = JSON.parse(text) as { code?: string };
    return status === (mutant.code === 'forbidden' ? 403 : 401) && code === mutant.code ? [] : [`${mutant.name}: ${status} ${text}`];
  }));
  expect(opened.flat()).toEqual([]);
});
