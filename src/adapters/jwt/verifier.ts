import { errors, jwtVerify, type JWTPayload } from 'jose';
import { SyncError } from '../../service/errors.ts';
import type { Claims } from '../../engine/model.ts';
import type { Clock, Verifier } from '../../service/ports.ts';
import { KeySet } from './key-set.ts';

/** Whom to believe. */
export type Trust = { issuer: string; audience: string; jwksUrl: string };

const ALGORITHMS = ['ES256', 'RS256', 'EdDSA'];
/** How far the clocks of issuer and server may be apart. */
const TOLERANCE_S = 60;
const ROLES: readonly string[] = ['citizen', 'officer', 'admin'] satisfies Claims['role'][];
/** No controls, lone surrogates, unassigned or line-breaking characters. */
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;
const SLUG = /^[a-z0-9-]{1,64}$/;

/**
 * Verifies tokens of one issuer against its key set (protocol.md, Tokens): fixed algorithms, `iss`, `aud`, `exp`, `iat` and
 * `sub` required, clocks at most 60 s apart. Which check failed is not told.
 */
export function createJwtVerifier(trust: Trust, clock: Pick<Clock, 'now'>): Verifier {
  const keys = new KeySet(trust.jwksUrl, clock);
  return {
    async verify(token) {
      const now = clock.now();
      const payload = await verified(token, keys, trust, now);
      return claimsOf(payload, now);
    },
  };
}

async function verified(token: string, keys: KeySet, trust: Trust, now: number): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys.resolve, {
      algorithms: ALGORITHMS,
      issuer: trust.issuer,
      audience: trust.audience,
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: TOLERANCE_S,
      currentDate: new Date(now),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new SyncError('token_expired', 'The token has expired: get a new one.');
    if (error instanceof errors.JOSEError) throw invalid();
    throw error;
  }
}

/** What rights depend on. jose does not look at an `iat` that lies ahead. */
function claimsOf({ sub, iat, role, departments }: JWTPayload, now: number): Claims {
  if (typeof iat !== 'number' || iat > now / 1000 + TOLERANCE_S) throw invalid();
  if (typeof sub !== 'string' || sub.length > 128 || !PRINTABLE.test(sub)) throw invalid();
  if (!isRole(role)) throw new SyncError('forbidden', 'The token names no role that this service knows.');
  return { sub, role, departments: role === 'officer' ? slugs(departments ?? []) : [] };
}

function isRole(role: unknown): role is Claims['role'] {
  return typeof role === 'string' && ROLES.includes(role);
}

function slugs(departments: unknown): string[] {
  if (!Array.isArray(departments) || !departments.every((slug) => typeof slug === 'string' && SLUG.test(slug))) {
    throw new SyncError('forbidden', 'The departments in the token are malformed.');
  }
  return [...new Set(departments as string[])].sort();
}

function invalid(): SyncError {
  return new SyncError('unauthorized', 'The token is not valid.');
}
