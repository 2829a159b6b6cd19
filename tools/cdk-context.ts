import { readFileSync } from 'node:fs';

/** The feature flags of cdk.json, so that a synthesis without the CDK's command line gives the same template. */
export function cdkContext(): Record<string, unknown> {
  const file = new URL('../cdk.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { context: Record<string, unknown> }).context;
}
