import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { queryAsAdmin } from '../../../src/http/endpoints/admin.ts';
import { decideConflict } from '../../../src/http/endpoints/resolve-conflict.ts';
import { uploadActions } from '../../../src/http/endpoints/upload.ts';
import { httpHandler } from '../../../src/http/handler.ts';
import { INVOCATION, jsonEvent, testRuntime } from '../../support/http.ts';
import { createWorld, type World } from '../../support/world.ts';
import type { Bomb } from './bombs.ts';

const ROUTES: Readonly<Record<Bomb['to'], string>> = {
  upload: 'POST /api/v1/sync/upload',
  'resolve-conflict': 'POST /api/v1/sync/resolve-conflict',
  'admin-query': 'POST /api/v1/admin/query',
};

export type Fuse = { world: World; send: () => Promise<APIGatewayProxyStructuredResultV2> };

/** A world and its real handlers, with the bomb ready to be sent. */
export function fuse(bomb: Bomb, bytes: number): Fuse {
  const world = createWorld({ auto: true });
  const runtime = { ...testRuntime(), report: Object.assign(world.report, { begin() {}, end() {} }), deps: () => world.deps };
  const handle = httpHandler(runtime, { [ROUTES.upload]: uploadActions, [ROUTES['resolve-conflict']]: decideConflict, [ROUTES['admin-query']]: queryAsAdmin });
  const headers = { prefer: 'respond-async', ...(bomb.to === 'admin-query' ? { authorization: 'Bearer admin' } : {}) };
  const event = jsonEvent(ROUTES[bomb.to], bomb.text(bytes), headers);
  return { world, send: () => handle(event, INVOCATION) };
}

export type Blast = { world: World; first: APIGatewayProxyStructuredResultV2; again: APIGatewayProxyStructuredResultV2 };

/** Sends it, lets the worker do what was accepted, and sends it again. */
export async function detonate(bomb: Bomb, bytes: number): Promise<Blast> {
  const { world, send } = fuse(bomb, bytes);
  const first = await send();
  await world.settle();
  return { world, first, again: await send() };
}
