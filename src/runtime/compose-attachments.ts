import { createObjects } from '../adapters/s3/objects.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { check, checkDue, type Checked } from '../service/attachments/check.ts';
import type { Objects } from '../service/ports/objects.ts';
import { composeHttp } from './compose-http.ts';
import { composeRuntime, once } from './compose.ts';
import { ENV } from './env.ts';
import { scheduleHandler } from './schedule-handler.ts';
import { s3Settings, type Environment } from './settings.ts';

/** What the routes of attachments run on. No other function carries what S3 needs. */
export function composeAttachments(env: Environment): ReturnType<typeof composeHttp> & { objects: () => Objects } {
  return { ...composeHttp(env), objects: once(() => objectsOf(env)) };
}

/** Told by the bucket that an object came, or started every minute for all that is due. */
export function composeAttachmentCheck(env: Environment): ReturnType<typeof scheduleHandler<Checked | undefined>> {
  const objects = once(() => objectsOf(env));
  return scheduleHandler<Checked | undefined>(composeRuntime(env), async (deps, event) => {
    const id = arrivedId(event, env[ENV.bucket]);
    if (id === undefined) return checkDue(deps, objects());
    await check(deps, objects(), id);
    return undefined;
  });
}

function objectsOf(env: Environment): Objects {
  return createObjects({ ...s3Settings(env), clock: systemClock });
}

/** The attachment that an event of the bucket is about. */
function arrivedId(event: unknown, bucket: string | undefined): string | undefined {
  const { detail } = (event ?? {}) as { detail?: { bucket?: { name?: unknown }; object?: { key?: unknown } } };
  const key = detail?.bucket?.name === bucket ? detail?.object?.key : undefined;
  return typeof key === 'string' ? /^incoming\/([A-Za-z0-9_-]{1,64})$/.exec(key)?.[1] : undefined;
}
