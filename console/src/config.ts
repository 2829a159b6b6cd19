import * as z from 'zod/mini';

/** `https:` anywhere, `http:` on this machine only, or a path of this origin. */
const address = z.string().check(z.maxLength(500), z.refine(isAddress, 'expected https:// or a path that begins with /'));

/**
 * What the deployment tells the page, in `config.json` beside it. No secrets: everybody who opens the page can read it.
 * `api`: origin of the API, empty for the page's own. `token`: which of the issuer's tokens the API takes.
 */
export const consoleConfig = z.object({
  stage: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9]{1,15}$/))),
  api: z.union([z.literal(''), address]),
  /** The WebSocket that says when something changed; without it the page polls. */
  live: z.optional(z.string().check(z.maxLength(500), z.regex(/^(wss:\/\/|\/(?!\/))/))),
  sign_in: z.optional(
    z.object({
      issuer: address,
      authorization_endpoint: address,
      token_endpoint: address,
      client_id: z.string().check(z.minLength(1), z.maxLength(200)),
      scope: z.optional(z.string().check(z.maxLength(200))),
      token: z.optional(z.enum(['access_token', 'id_token'])),
      label: z.optional(z.string().check(z.maxLength(60))),
    }),
  ),
});
export type ConsoleConfig = z.infer<typeof consoleConfig>;
export type SignIn = NonNullable<ConsoleConfig['sign_in']>;

function isAddress(text: string): boolean {
  if (text.startsWith('/')) return !text.startsWith('//');
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1'));
}

/** Reads `config.json`. Throws an Error for people when it is missing or not what it must be. */
export async function loadConfig(): Promise<ConsoleConfig> {
  const answer = await fetch('config.json', { cache: 'no-cache' }).catch(() => undefined);
  if (!answer?.ok) throw new Error('config.json could not be loaded.');
  const read = z.safeParse(consoleConfig, await answer.json().catch(() => undefined));
  if (read.success) return read.data;
  const first = read.error.issues[0];
  throw new Error(`config.json is not valid at "${first?.path.join('.') ?? ''}": ${first?.message ?? 'unknown fault'}.`);
}
