import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { SyncError } from '../../service/errors.ts';
import type { Claims } from '../../engine/model.ts';
import type { Clock } from '../../service/ports/clock.ts';
import type { SessionVerifier, Verifier } from '../../service/ports/verifier.ts';
import { KeySet } from './key-set.ts';
import { ALGORITHMS } from './usable-keys.ts';

/** Whom to believe. */
export type Trust = { issuer: string; audience: string; jwksUrl: string };

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
export function createJwtVerifier(trust: Trust, clock: Pick<Clock, 'now'>): Verifier & SessionVerifier {
  const keys = new KeySet(trust.jwksUrl, clock);
  async function session(token: string): ReturnType<SessionVerifier['session']> {
    const now = clock.now();
    const payload = await verified(token, keys, trust, now);
    return { claims: claimsOf(payload, now), expiresAt: (payload.exp ?? 0) * 1000 };
  }
  return { session, verify: async (token) => (await session(token)).claims };
}

async function verified(token: string, keys: KeySet, trust: Trust, now: number): Promise<JWTPayload> {
  try {
    return await payloadOf(token, keys, {
      algorithms: ALGORITHMS,
      issuer: trust.issuer,
      audience: trust.audience,
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: TOLERANCE_S,
      currentDate: new Date(now),
    });
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new SyncError('token_expired', 'The token has expired: get a new one.');
    if (error instanceof errors.JOSEError) throw invalid();
    throw error;
  }
}

/** Two keys may share an id, or a token name none: then the one counts under which the signature holds. */
async function payloadOf(token: string, keys: KeySet, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys.resolve, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other;
      }
    }
    throw error;
  }
}

/** What rights depend on. jose looks neither at an `iat` that lies ahead nor at an `exp` that never comes. */
function claimsOf({ sub, iat, exp, role, departments }: JWTPayload, now: number): Claims {
  if (!Number.isFinite(exp)) throw invalid();
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
