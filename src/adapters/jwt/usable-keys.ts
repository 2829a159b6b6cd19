import { importJWK, type JSONWebKeySet, type JWK } from 'jose';

/** The algorithms that tokens may be signed with. */
export const ALGORITHMS = ['ES256', 'RS256', 'EdDSA'];

const LEAST_RSA_BITS = 2048;

/**
 * The keys of a fetched set that can check a token: public, for signatures, of our algorithms, RSA of 2,048 bits or
 * more. What else stands in the set is left out, so that a token that names it is no more than one of an unknown key.
 * Throws when nothing is left: an issuer without keys is trouble on its side, not a reason to send everyone away.
 */
export async function usableKeys(set: unknown): Promise<JSONWebKeySet> {
  const { keys } = (set ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('no key set');
  const usable = await Promise.all(keys.map(async (key: unknown) => ((await isUsable(key)) ? [key as JWK] : [])));
  if (usable.flat().length === 0) throw new Error('no usable key');
  return { keys: usable.flat() };
}

async function isUsable(key: unknown): Promise<boolean> {
  if (typeof key !== 'object' || key === null) return false;
  const jwk = key as JWK;
  const alg = algorithmOf(jwk);
  if (alg === undefined || (jwk.alg !== undefined && jwk.alg !== alg) || (jwk.use !== undefined && jwk.use !== 'sig')) return false;
  try {
    const imported = await importJWK(jwk, alg);
    return !(imported instanceof Uint8Array) && imported.type === 'public' && bitsOf(imported) >= LEAST_RSA_BITS;
  } catch {
    return false;
  }
}

function algorithmOf({ kty, crv }: JWK): string | undefined {
  if (kty === 'RSA') return 'RS256';
  if (kty === 'EC') return crv === 'P-256' ? 'ES256' : undefined;
  return kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : undefined;
}

/** Of RSA; the curves are as strong as they should be. */
function bitsOf(key: { algorithm: { name: string; modulusLength?: number } }): number {
  return key.algorithm.modulusLength ?? Number.POSITIVE_INFINITY;
}
