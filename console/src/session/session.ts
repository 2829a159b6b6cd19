import { computed, signal } from '@preact/signals';

/** Who is signed in, as far as the page can tell: the API verifies the token, the page only reads it. */
export type Session = { token: string; sub: string; role: string; expiresAtMs: number };

const KEY = 'fieldsync-console-token';

/** Of this tab only: it is gone with the tab, and no other origin sees it. */
export const session = signal<Session | undefined>(undefined);

/** The API refused the token, or its time is over: what is on the screen stays, until someone signs in again. */
export const expired = signal(false);

export const signedIn = computed(() => session.value !== undefined);

/** Takes a token. Returns why not, for people, when it can't be one. */
export function begin(token: string): string | undefined {
  const read = readToken(token.trim());
  if (typeof read === 'string') return read;
  session.value = read;
  expired.value = false;
  store(read.token);
  return undefined;
}

export function end(): void {
  session.value = undefined;
  expired.value = false;
  store(undefined);
}

/** The session of this tab before it was loaded again. */
export function restore(): void {
  const token = stored();
  if (token !== undefined && begin(token) !== undefined) store(undefined);
}

/** The claims of a JWT, unverified; or what is wrong with it. */
function readToken(token: string): Session | string {
  const parts = token.split('.');
  if (parts.length !== 3) return 'This is not a token: a JWT has three parts with dots between.';
  let claims: { sub?: unknown; role?: unknown; exp?: unknown };
  try {
    const bytes = Uint8Array.from(atob(parts[1]!.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    claims = JSON.parse(new TextDecoder().decode(bytes)) as typeof claims;
  } catch {
    return 'This is not a token: its claims can not be read.';
  }
  const { sub, role, exp } = claims;
  if (typeof sub !== 'string' || typeof exp !== 'number') return 'This token does not say whose it is, or until when.';
  if (exp * 1000 <= Date.now()) return 'This token has expired.';
  if (role !== 'admin') return 'This token is not an admin’s: its role must be "admin".';
  return { token, sub, role, expiresAtMs: exp * 1000 };
}

/** A browser may refuse storage: then the token lives as long as the page. */
function store(token: string | undefined): void {
  try {
    if (token === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  } catch {
    // In memory only.
  }
}

function stored(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
