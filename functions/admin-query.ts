import { httpOrDirect } from '../src/http/direct.ts';
import { answerOps, queryAsAdmin, redriveAsAdmin } from '../src/http/endpoints/admin.ts';
import { httpHandler } from '../src/http/handler.ts';
import { composeAdmin } from '../src/runtime/compose-admin.ts';

const runtime = composeAdmin(process.env);

const http = httpHandler(runtime, {
  'POST /api/v1/admin/query': queryAsAdmin,
  'POST /api/v1/admin/redrive': redriveAsAdmin,
});

/** Queries and redrive for admins; ops may invoke it directly with a route's body: then IAM is the lock. */
export const handler = httpOrDirect(runtime, http, (event) => answerOps(runtime.deps(), event));
