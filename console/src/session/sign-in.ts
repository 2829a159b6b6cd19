import * as oauth from 'oauth4webapi';
import type { SignIn } from '../config.ts';

// Authorization code with PKCE (RFC 7636): the page is a public client, it has no secret.

const KEY = 'fieldsync-console-sign-in';

/** What must survive the way to the issuer and back. */
type Pending = { verifier: string; state: string; nonce: string; hash: string };

const here = () => location.origin + location.pathname;
const absolute = (address: string) => new URL(address, location.href).href;

function server(config: SignIn): oauth.AuthorizationServer {
  return {
    issuer: absolute(config.issuer),
    authorization_endpoint: absolute(config.authorization_endpoint),
    token_endpoint: absolute(config.token_endpoint),
  };
}

/** Sends the browser to the issuer; it comes back with a code. */
export async function leaveForIssuer(config: SignIn): Promise<void> {
  const pending: Pending = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    hash: location.hash,
  };
  sessionStorage.setItem(KEY, JSON.stringify(pending));
  const target = new URL(absolute(config.authorization_endpoint));
  const scope = config.scope ?? 'openid';
  const asked = {
    response_type: 'code',
    client_id: config.client_id,
    redirect_uri: here(),
    scope,
    state: pending.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    ...(scope.split(' ').includes('openid') ? { nonce: pending.nonce } : {}),
  };
  for (const [name, value] of Object.entries(asked)) target.searchParams.set(name, value);
  location.assign(target);
}

/** Did the issuer send the browser here? */
export function cameFromIssuer(): boolean {
  const { searchParams } = new URL(location.href);
  return searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'));
}

/**
 * Exchanges the code in the address for a token, and puts the address back to where the person was. Throws an Error for
 * people when the issuer refused, or when this tab did not ask.
 */
export async function returnFromIssuer(config: SignIn): Promise<string> {
  const found = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const address = new URL(location.href);
  const pending = found === null ? undefined : (JSON.parse(found) as Pending);
  history.replaceState(null, '', location.pathname + (pending?.hash ?? ''));
  if (!pending) throw new Error('This sign-in was begun in another tab, or is already over. Sign in again.');
  try {
    return await exchange(config, pending, address);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) throw new Error(`The issuer refused: ${error.error_description ?? error.error}.`, { cause: error });
    if (error instanceof oauth.ResponseBodyError) throw new Error(`The issuer gave no token: ${error.error_description ?? error.error}.`, { cause: error });
    throw new Error('The issuer could not be reached, or its answer was not valid. Sign in again.', { cause: error });
  }
}

async function exchange(config: SignIn, pending: Pending, address: URL): Promise<string> {
  const issuer = server(config);
  const client: oauth.Client = { client_id: config.client_id };
  const params = oauth.validateAuthResponse(issuer, client, address, pending.state);
  const insecure = new URL(issuer.token_endpoint!).protocol === 'http:'; // config.ts lets http pass for this machine only
  const answer = await oauth.authorizationCodeGrantRequest(issuer, client, oauth.None(), params, here(), pending.verifier, {
    [oauth.allowInsecureRequests]: insecure,
    signal: () => AbortSignal.timeout(20_000),
  });
  const wanted = config.token ?? 'access_token';
  const usesOpenId = (config.scope ?? 'openid').split(' ').includes('openid');
  const tokens = await oauth.processAuthorizationCodeResponse(issuer, client, answer, {
    ...(usesOpenId ? { expectedNonce: pending.nonce } : {}),
    requireIdToken: wanted === 'id_token',
  });
  const token = tokens[wanted];
  if (token === undefined) throw new Error(`no ${wanted} in the issuer's answer`);
  return token;
}
