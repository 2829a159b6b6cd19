import { httpOrDirect } from '../src/http/direct.ts';
import { decideConflict, decideForOps } from '../src/http/endpoints/resolve-conflict.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeHttp } from '../src/runtime/compose-http.ts';

/** Puts the decision about a conflict into the inbox and waits for it (design 4, Resolve); ops may invoke it directly. */
const runtime = composeHttp(process.env);

const http = httpHandler(runtime, { 'POST /api/v1/sync/resolve-conflict': decideConflict });

export const handler = httpOrDirect(runtime, http, (event, remainingMs) => decideForOps(runtime.deps(), event, remainingMs));
