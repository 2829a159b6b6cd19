import { randomUUID } from 'node:crypto';
import type { ChaosHooks } from '../chaos/hooks.ts';
import type { LocalFunction } from '../lambda/local-function.ts';
import type { StackResources } from '../template/resources.ts';
import type { Arrival } from './object-server.ts';

/** Tells functions of an object that came, as EventBridge would by the template's rules. Nobody waits for them. */
export function announce(
  arrival: Arrival, resources: StackResources, functionOf: (arn: string) => LocalFunction, hear: ChaosHooks['hear'],
): void {
  for (const rule of resources.arrivals) {
    if (rule.bucket !== arrival.bucket || !arrival.key.startsWith(rule.prefix)) continue;
    const fn = functionOf(rule.functionArn);
    const event = eventOf(arrival);
    const told = hear ? hear(fn.resource.shortName, event, (it) => fn.invoke(it)) : fn.invoke(event);
    told.catch(() => {}); // only when it has stopped meanwhile
  }
}

function eventOf({ bucket, key, size }: Arrival): Record<string, unknown> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '000000000000',
    time: new Date().toISOString(),
    resources: [`arn:aws:s3:::${bucket}`],
    detail: { version: '0', bucket: { name: bucket }, object: { key, size }, reason: 'PutObject' },
  };
}
