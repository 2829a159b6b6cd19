import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { startOwnServer } from '../own-server.ts';
import { callerOf, needsOf, type Arns, type Need } from './requests.ts';
import type { Permissions } from './policies.ts';

export interface AccessGuard {
  readonly dynamoEndpoint: string;
  readonly sqsEndpoint: string;
  /** Every refusal so far, in words. */
  readonly refusals: readonly string[];
  /** What a caller may not do of this, in words; noted as a refusal. For services that ask themselves. */
  refuse(caller: string, needs: readonly Need[]): string | undefined;
  /** What each caller may do, by the access key id it signs with. Until then nobody may do anything. */
  permit(permissions: ReadonlyMap<string, Permissions>): void;
  stop(): Promise<void>;
}

export interface Guarded {
  readonly dynamoEndpoint: string;
  readonly sqsEndpoint: string;
  readonly arns: Arns;
  onRefusal(caller: string, refusal: string): void;
}

/** An access key id for a function; DynamoDB Local wants letters and digits only. */
export function accessKeyOf(functionName: string): string {
  return functionName.replaceAll(/[^A-Za-z0-9]/g, '');
}

/**
 * Stands before DynamoDB and SQS and refuses what the caller's role in the template does not allow, as IAM would: so a
 * permission that is missing in access.ts shows here, not after a deployment.
 */
export async function startAccessGuard(guarded: Guarded): Promise<AccessGuard> {
  const agent = new Agent({ keepAlive: true });
  const refusals: string[] = [];
  let permissions: ReadonlyMap<string, Permissions> = new Map();
  const refuse = (caller: string, needs: readonly Need[]): string | undefined => {
    const allows = permissions.get(caller);
    const missing = needs.find((need) => allows === undefined || !allows(need));
    if (missing === undefined) return undefined;
    const words = `not authorized to perform ${missing.action} on ${missing.resource}`;
    refusals.push(`${caller}: ${words}`);
    guarded.onRefusal(caller, words);
    return words;
  };
  const refusal = (request: IncomingMessage, body: Buffer): string | undefined =>
    refuse(callerOf(request), needsOf(String(request.headers['x-amz-target']), JSON.parse(body.toString()) as Record<string, unknown>, guarded.arns));
  const proxies = await Promise.all([guarded.dynamoEndpoint, guarded.sqsEndpoint].map((upstream) =>
    startOwnServer((request, response) => {
      pass(request, response, upstream, agent, refusal).catch(() => response.destroy());
    })));
  return {
    dynamoEndpoint: `http://127.0.0.1:${proxies[0]!.port}`,
    sqsEndpoint: `http://127.0.0.1:${proxies[1]!.port}`,
    refusals,
    refuse,
    permit: (map) => { permissions = map; },
    async stop() {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      agent.destroy();
    },
  };
}

async function pass(
  request: IncomingMessage, response: ServerResponse, upstream: string, agent: Agent,
  refusal: (request: IncomingMessage, body: Buffer) => string | undefined,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const message = refusal(request, body);
  if (message !== undefined) {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message }));
    return;
  }
  const forwarded = httpRequest(upstream, { method: request.method, path: request.url, headers: request.headers, agent });
  forwarded.once('error', () => response.destroy());
  forwarded.once('response', (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  forwarded.end(body);
}
