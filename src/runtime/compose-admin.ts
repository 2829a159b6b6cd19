import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createUsageStore } from '../adapters/dynamodb/usage-store.ts';
import type { Verifier } from '../service/ports/verifier.ts';
import { composeHttp } from './compose-http.ts';
import { composeRuntime, once, type Runtime } from './compose.ts';
import { TABLE_ENV } from './env.ts';
import { required, type Environment } from './settings.ts';
import { usageHandler } from './usage-handler.ts';

/** What the function of admins runs on. */
export function composeAdmin(env: Environment): Runtime & { verifier: () => Verifier } {
  const { verifier, ...runtime } = composeHttp(env);
  return { ...withUsage(env, runtime), verifier };
}

/** Follows the streams of logs and devices, and counts what is used by day. */
export function composeUsage(env: Environment): ReturnType<typeof usageHandler> {
  return usageHandler(withUsage(env, composeRuntime(env)));
}

/** No other function carries the code of the counts. */
function withUsage(env: Environment, { report, deps }: Runtime): Runtime {
  return { report, deps: once(() => ({ ...deps(), usage: createUsageStore(createDynamoClient(), required(env, TABLE_ENV.usage)) })) };
}
