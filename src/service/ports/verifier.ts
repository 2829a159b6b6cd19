import type { Claims } from '../../engine/model.ts';

/** Verifies bearer tokens. */
export type Verifier = {
  /** Claims of a valid token. Throws `SyncError` `unauthorized`, `token_expired` or `forbidden` (role); `Trouble` if keys can't be had. */
  verify(token: string): Promise<Claims>;
};

/** Verifies the token of a connection, which must not outlive it. */
export type SessionVerifier = {
  /** Like `Verifier.verify`; `expiresAt`: the token's own `exp`, ms, without any tolerance. */
  session(token: string): Promise<{ claims: Claims; expiresAt: number }>;
};
