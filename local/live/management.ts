import type { IncomingMessage } from 'node:http';
import { callerOf, type Need } from '../access/requests.ts';
import type { ChaosHooks } from '../chaos/hooks.ts';
import { readBody } from '../gateway/request-body.ts';
import type { GatewayResponse } from '../gateway/response.ts';
import { startOwnServer } from '../own-server.ts';
import { LARGEST_MESSAGE, type LocalConnections } from './connections.ts';

export interface Management {
  /** Of the stage, without a path. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface ManagementOptions {
  readonly connections: LocalConnections;
  /** ARN of a connection, for this method. */
  arn(stage: string, method: string, connectionId: string): string;
  refuse(caller: string, needs: readonly Need[]): string | undefined;
  readonly chaos?: ChaosHooks['sockets'];
}

/** `POST` and `DELETE /<stage>/@connections/<id>`: how functions reach those who are connected. */
export async function startManagement(options: ManagementOptions): Promise<Management> {
  const { port, stop } = await startOwnServer((request, response) => {
    answer(request, options).then(({ status, headers, body }) => response.writeHead(status, headers).end(body), () => response.destroy());
  }, { keepAliveTimeout: 60_000 });
  return { endpoint: `http://127.0.0.1:${port}`, stop };
}

async function answer(request: IncomingMessage, { connections, arn, refuse, chaos }: ManagementOptions): Promise<GatewayResponse> {
  const [, stage, encoded] = /^\/([^/]+)\/@connections\/([^/?]+)$/.exec(request.url ?? '') ?? [];
  const { method = 'GET' } = request;
  if (stage === undefined || encoded === undefined || !(method === 'POST' || method === 'DELETE')) return refusal(403, 'ForbiddenException', 'Forbidden');
  const id = decodeURIComponent(encoded);
  const body = (await readBody(request))?.toString() ?? '';
  const refused = refuse(callerOf(request), [{ action: 'execute-api:ManageConnections', resource: arn(stage, method, id) }]);
  if (refused !== undefined) return refusal(403, 'AccessDeniedException', refused);
  const forward = async () => manage(connections, method, id, body);
  return chaos?.(method, id, forward) ?? forward();
}

function manage(connections: LocalConnections, method: string, id: string, body: string): GatewayResponse {
  if (method === 'POST' && body.length > LARGEST_MESSAGE) return refusal(413, 'PayloadTooLargeException', 'Too large');
  const done = method === 'DELETE' ? connections.close(id) : connections.send(id, body);
  if (!done) return refusal(410, 'GoneException', 'Gone');
  return { status: method === 'DELETE' ? 204 : 200, headers: {}, body: Buffer.alloc(0) };
}

function refusal(status: number, type: string, message: string): GatewayResponse {
  return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': type }, body: Buffer.from(JSON.stringify({ message })) };
}
