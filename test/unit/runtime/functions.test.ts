import { describe, expect, it } from 'vitest';
import { handler as adminQuery } from '../../../functions/admin-query.ts';
import { handler as attachments } from '../../../functions/attachments.ts';
import { handler as conflicts } from '../../../functions/conflicts.ts';
import { handler as download } from '../../../functions/download.ts';
import { handler as health } from '../../../functions/health.ts';
import { handler as records } from '../../../functions/records.ts';
import { handler as resolveConflict } from '../../../functions/resolve-conflict.ts';
import { handler as status } from '../../../functions/status.ts';
import { handler as upload } from '../../../functions/upload.ts';
import { ROUTES } from '../../../src/http/routes.ts';
import { bodyJson, httpEvent, INVOCATION } from '../../support/http.ts';
import { takeOutput } from '../../support/output.ts';

const HANDLERS = { upload, download, status, records, conflicts, attachments, 'resolve-conflict': resolveConflict, 'admin-query': adminQuery };
const { health: _health, docs: _docs, ...withToken } = ROUTES;
const CASES = Object.entries(withToken).flatMap(([name, routes]) => routes.map((route) => [route, name as keyof typeof HANDLERS] as const));

describe('every route of the table', () => {
  const { lines } = takeOutput();

  it.each(CASES)('%s is answered by %s, and not without a token', async (route, name) => {
    const result = await HANDLERS[name](httpEvent(route, { headers: {} }), INVOCATION);
    expect(result).toMatchObject({ statusCode: 401 });
  });

  it('a function without its settings answers 503 and says nothing of them, but in the log', async () => {
    const result = await status(httpEvent('GET /api/v1/sync/status'), INVOCATION);
    expect(bodyJson(result)).toMatchObject({ status: 503, code: 'internal' });
    expect(JSON.stringify(result)).not.toContain('TOKEN');
    expect(lines()).toContainEqual(expect.objectContaining({ level: 'ERROR', reason: 'TOKEN_JWKS_URL is not set' }));
  });

  it('GET /healthz needs no token and no settings', async () => {
    expect(await health(httpEvent('GET /healthz', { headers: {} }), INVOCATION)).toMatchObject({ statusCode: 200 });
  });
});
