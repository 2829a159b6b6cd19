import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { settingsFrom } from '../../local/settings.ts';
import { localIssuer } from '../../local/token/local-issuer.ts';
import { CommandProblem, EXIT, misused } from './command-problem.ts';

/** What the commands ask for. */
export type Request = { path: '/admin/query' | '/admin/redrive' | '/sync/resolve-conflict'; body: object };

/** Answers with the body of a success; throws `CommandProblem` for what was refused or could not be done. */
export type Backend = (request: Request) => Promise<Record<string, unknown>>;

export type Target = { stage?: string | undefined; url?: string | undefined; token?: string | undefined };

/** The deployed functions of a stage, the API at a URL, or else the local stack. */
export async function backendFor({ stage, url, token }: Target): Promise<Backend> {
  if (stage !== undefined && url !== undefined) throw misused('Give --stage or --url, not both.');
  if (stage !== undefined) return lambdaBackend(new LambdaClient({}), stage);
  if (url !== undefined) {
    const given = token ?? process.env['FIELDSYNC_TOKEN'];
    if (!given) throw misused('--url needs a token of an admin: --token, or FIELDSYNC_TOKEN in the environment.');
    return httpBackend(url, given);
  }
  const { port, dataDir } = settingsFrom(process.env);
  const issuer = await localIssuer(dataDir, port);
  return httpBackend(`http://127.0.0.1:${port}`, token ?? (await issuer.sign({ sub: 'ops', role: 'admin', expiresInSeconds: 300 })));
}

export function httpBackend(url: string, token: string): Backend {
  const base = `${url.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;
  return async ({ path, body }) => {
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => undefined);
    if (!answer) throw new CommandProblem(`Nobody answers at ${url}. The local stack is started with npm start.`, EXIT.unavailable);
    return bodyOf(await answer.json().catch(() => ({})));
  };
}

/** Where each request is answered, and the event that asks for it. */
function eventFor({ path, body }: Request): { name: string; event: object } {
  if (path === '/admin/query') return { name: 'admin-query', event: body };
  return path === '/admin/redrive' ? { name: 'admin-query', event: { redrive: body } } : { name: 'resolve-conflict', event: body };
}

/** Invokes the functions themselves: who may do that is decided by IAM, and no token is needed. */
export function lambdaBackend(client: Pick<LambdaClient, 'send'>, stage: string): Backend {
  return async (request) => {
    const { name, event } = eventFor(request);
    const FunctionName = `fieldsync-${stage}-${name}`;
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) })).catch((error: Error) => {
      throw new CommandProblem(`${FunctionName} could not be invoked: ${error.message}`, EXIT.unavailable);
    });
    const text = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError !== undefined) throw new CommandProblem(`${FunctionName} failed; its log says why.`, EXIT.unavailable);
    return bodyOf(JSON.parse(text));
  };
}

/** A problem document (RFC 9457) has a status and a code. */
function bodyOf(body: unknown): Record<string, unknown> {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (given['success'] === true) return given;
  const { status, code, detail, title, errors } = given as { status?: number; code?: string; detail?: string; title?: string; errors?: { pointer: string; message: string }[] };
  const faults = (errors ?? []).map(({ pointer, message }) => `\n  ${pointer}: ${message}`).join('');
  const text = `${code ?? 'no answer'}: ${detail ?? title ?? 'the answer is not one of Fieldsync'}${faults}`;
  throw new CommandProblem(text, status === undefined || status >= 500 ? EXIT.unavailable : EXIT.refused);
}
