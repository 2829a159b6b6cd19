import type { HttpEvent, Invocation } from './event.ts';
import { answered, type HttpHandler, type Runtime } from './handler.ts';

/**
 * A function with routes that may also be invoked directly, where the platform's permissions are the lock. A direct
 * event is answered with the body that a route would give: a result, or a problem document.
 */
export function httpOrDirect(
  runtime: Runtime,
  http: HttpHandler,
  direct: (event: unknown, remainingMs: number) => Promise<object>,
): (event: unknown, invocation: Invocation) => Promise<object> {
  return async (event, invocation) => {
    if (isHttp(event)) return http(event, invocation);
    runtime.report.begin(invocation.awsRequestId);
    const { status, body } = await answered(runtime.report, invocation.awsRequestId, async () => ({ status: 200, body: await direct(event, invocation.getRemainingTimeInMillis()) }));
    runtime.report.info('direct', { status });
    runtime.report.end();
    return body;
  };
}

/** Only the gateway makes events with a request context that names a method. */
function isHttp(event: unknown): event is HttpEvent {
  const { requestContext } = (event ?? {}) as { requestContext?: { http?: unknown } };
  return typeof requestContext?.http === 'object';
}
