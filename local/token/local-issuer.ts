import { importJWK, SignJWT, type JSONWebKeySet } from 'jose';
import { ALGORITHM, publicJwk, signingKey } from './signing-key.ts';

/** Where the local server answers with the key set. */
export const JWKS_PATH = '/.local/jwks.json';

export interface TokenClaims {
  readonly sub: string;
  readonly role: string;
  readonly departments?: readonly string[];
  /** How long it is valid from now on; a negative time makes an expired token. */
  readonly expiresInSeconds?: number;
}

/** An identity provider for this machine only: it is not part of the template. */
export interface LocalIssuer {
  /** `iss`; like `aud` it depends on the port alone, so that the token command needs no running stack. */
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: JSONWebKeySet;
  sign(claims: TokenClaims): Promise<string>;
}

const DEFAULT_EXPIRY_SECONDS = 8 * 3600;

export async function localIssuer(dataDir: string, port: number): Promise<LocalIssuer> {
  const jwk = await signingKey(dataDir);
  const key = await importJWK(jwk, ALGORITHM);
  const issuer = `http://localhost:${port}/.local`;
  const audience = `fieldsync-local-${port}`;
  return {
    issuer,
    audience,
    jwks: { keys: [publicJwk(jwk)] },
    async sign({ sub, role, departments, expiresInSeconds = DEFAULT_EXPIRY_SECONDS }) {
      const now = Math.floor(Date.now() / 1000);
      // A token that expired is older than its expiry.
      const issuedAt = expiresInSeconds < 0 ? now + expiresInSeconds - 60 : now;
      return new SignJWT({ role, ...(departments !== undefined && { departments: [...departments] }) })
        .setProtectedHeader({ alg: ALGORITHM, kid: jwk.kid!, typ: 'JWT' })
        .setSubject(sub)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(now + expiresInSeconds)
        .sign(key);
    },
  };
}
