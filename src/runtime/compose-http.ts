import { createJwtVerifier } from '../adapters/jwt/verifier.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Verifier } from '../service/ports/verifier.ts';
import { composeRuntime, once, type Runtime } from './compose.ts';
import { trust, type Environment } from './settings.ts';

/** What functions with routes run on. */
export function composeHttp(env: Environment): Runtime & { verifier: () => Verifier } {
  return { ...composeRuntime(env), verifier: once(() => createJwtVerifier(trust(env), systemClock)) };
}
