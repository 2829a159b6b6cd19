import type { Forge, Part } from './forge.ts';

/** A request's credentials that must be refused, with the code of the refusal. */
export type Mutant = {
  name: string;
  code: 'unauthorized' | 'token_expired' | 'forbidden';
  /** Header lines: a name may come more than once. */
  headers: (forge: Forge) => [name: string, value: string][];
  query?: (forge: Forge) => Record<string, string>;
};

/** Everything that is no good token of the issuer, and good ones that grant nothing here. */
export const MUTANTS: readonly Mutant[] = [
  // Algorithms.
  bearer('alg none', (f) => unsigned(f.token({}, { alg: 'none' }))),
  bearer('alg none, with the good signature', (f) => f.token({}, { alg: 'none' })),
  bearer('alg None', (f) => unsigned(f.token({}, { alg: 'None' }))),
  bearer('alg nOnE', (f) => unsigned(f.token({}, { alg: 'nOnE' }))),
  bearer('no alg', (f) => f.token({}, { alg: undefined })),
  bearer('alg null', (f) => f.token({}, { alg: null })),
  bearer('a list of algs', (f) => f.token({}, { alg: ['ES256'] })),
  bearer('alg in lower case', (f) => f.token({}, { alg: 'es256' })),
  bearer('HS256 with the public key as JWK', (f) => f.hmac(JSON.stringify(f.publicJwk))),
  bearer('HS256 with the public key as PEM', (f) => f.hmac(f.publicPem)),
  bearer('HS256 with a coordinate of the public key', (f) => f.hmac(Buffer.from(f.publicJwk.x ?? '', 'base64url'))),
  bearer('HS256 with no secret at all', (f) => f.hmac('')),
  bearer('HS512 with the public key', (f) => f.hmac(f.publicPem, { alg: 'HS512' }, 'sha512')),
  ...['ES384', 'ES512', 'ES256K', 'RS256', 'PS256', 'EdDSA', 'Ed25519', 'A128KW', 'dir'].map((alg) =>
    bearer(`${alg} said over the good signature`, (f) => f.token({}, { alg }))),

  // Signatures and forms.
  bearer('a signature of zeros', (f) => f.signed(() => Buffer.alloc(64))),
  bearer('a signature in DER', (f) => f.signed((_, input) => f.derSignature(input))),
  bearer('a shortened signature', (f) => f.signed((good) => good.subarray(0, 63))),
  bearer('a lengthened signature', (f) => f.signed((good) => Buffer.concat([good, Buffer.of(0)]))),
  bearer('one bit flipped in the signature', (f) => f.signed((good) => Buffer.from(good.map((byte, i) => (i === 40 ? byte ^ 1 : byte))))),
  bearer('no signature', (f) => unsigned(f.token())),
  bearer('no third part', (f) => f.token().split('.').slice(0, 2).join('.')),
  bearer('a fourth part', (f) => `${f.token()}.x`),
  bearer('the five parts of an encrypted token', (f) => `${f.token()}.x.y`),
  bearer('claims of another token', (f) => grafted(f.token(), f.strange({ sub: 'root' }))),
  bearer('a header of another token', (f) => [f.strange({}, { kid: 'x' }).split('.')[0], ...f.token().split('.').slice(1)].join('.')),
  bearer('dots only', () => '..'),
  bearer('an empty object', () => 'e30.e30.'),
  bearer('padding in the middle', (f) => f.token().replace('.', '=.')),

  // What a header must not talk anyone into.
  bearer('the stranger’s key in the header', (f) => f.strange({}, { jwk: f.strangersJwk })),
  bearer('the stranger’s key in the header, without kid', (f) => f.strange({}, { jwk: f.strangersJwk, kid: undefined })),
  bearer('the URL of a key set', (f) => f.strange({}, { jku: 'https://mallory.example/jwks.json' })),
  bearer('the URL of a certificate', (f) => f.strange({}, { x5u: 'https://mallory.example/cert.pem' })),
  bearer('a certificate', (f) => f.strange({}, { x5c: ['MIIB'], x5t: 'x' })),
  bearer('a stranger’s signature under the good kid', (f) => f.strange()),
  bearer('a stranger’s signature without kid', (f) => f.strange({}, { kid: undefined })),
  ...['nobody', '', '../../../../dev/null', "' OR 1=1 --", '__proto__', 'toString', '0', '\u0000', 'x'.repeat(2000)].map((kid) =>
    bearer(`kid ${JSON.stringify(kid.slice(0, 30))}`, (f) => f.token({}, { kid }))),
  ...[7, true, null, ['kid'], {}].map((kid) => bearer(`kid ${JSON.stringify(kid)}`, (f) => f.token({}, { kid }))),
  bearer('HS256 under a kid that is a file of zeros', (f) => f.hmac(Buffer.alloc(1), { kid: '/dev/zero' })),
  bearer('crit of a claim', (f) => f.token({}, { crit: ['exp'], exp: 1 })),
  bearer('crit of something unheard', (f) => f.token({}, { crit: ['x'], x: 1 })),
  bearer('an empty crit', (f) => f.token({}, { crit: [] })),
  bearer('crit as text', (f) => f.token({}, { crit: 'exp' })),
  bearer('an unencoded payload', (f) => f.token({}, { crit: ['b64'], b64: false })),
  bearer('a header that is no JSON', (f) => f.token({}, '{"alg":"ES256"')),
  bearer('a header that is a list', (f) => f.token({}, '["ES256"]')),
  bearer('a header with two algs', (f) => f.token({}, `{"alg":"ES256","kid":${JSON.stringify(f.kid)},"alg":"none"}`)),

  // Claims.
  ...['null', '[]', '"alice"', '7', '{', ''].map((text) => bearer(`claims ${JSON.stringify(text)}`, (f) => f.token(text))),
  ...claims('exp', undefined, null, '9999999999', [9_999_999_999], true, {}),
  bearer('exp that never comes', (f) => f.token(JSON.stringify({ ...f.claims, exp: 0 }).replace('"exp":0', '"exp":1e999'))),
  bearer('exp an hour ago', (f) => f.token({ exp: f.now - 3600 }), 'token_expired'),
  bearer('exp just beyond the tolerance', (f) => f.token({ exp: f.now - 61 }), 'token_expired'),
  bearer('exp in milliseconds, of long ago', (f) => f.token({ exp: -f.now }), 'token_expired'),
  bearer('nbf ahead', (f) => f.token({ nbf: f.now + 3600 })),
  ...claims('nbf', '0', null, []),
  bearer('iat ahead', (f) => f.token({ iat: f.now + 3600 })),
  ...claims('iat', undefined, null, '0', []),
  ...claims('iss', undefined, null, '', 'https://mallory.example', 7),
  bearer('the issuer in a list', (f) => f.token({ iss: [f.issuer] })),
  bearer('the issuer and more', (f) => f.token({ iss: `${f.issuer}.mallory.example` })),
  bearer('the issuer in capitals', (f) => f.token({ iss: f.issuer.toUpperCase() })),
  ...claims('aud', undefined, null, '', [], 'elsewhere', ['elsewhere'], 7, {}),
  bearer('a part of the audience', (f) => f.token({ aud: f.audience.slice(0, -1) })),
  bearer('the audience as a key', (f) => f.token({ aud: { [f.audience]: true } })),
  ...claims('sub', undefined, null, '', 7, ['alice'], {}, 'a\r\nb', 'a\u0000b', 'a\u2028b', '\ud800', 'x'.repeat(129)),

  // Good tokens that grant nothing here.
  ...[undefined, null, '', 'Admin', 'ADMIN', 'admin ', 'root', ['admin'], { admin: true }, 1, true, '__proto__', 'citizen,admin'].map((role) =>
    bearer(`role ${JSON.stringify(role)}`, (f) => f.token({ role }), 'forbidden')),
  ...['roads', { 0: 'roads' }, [7], [null], [['roads']], ['Roads'], [''], ['roads,parks'], ['../roads'], 7, true].map((departments) =>
    bearer(`departments ${JSON.stringify(departments)}`, (f) => f.token({ role: 'officer', departments }), 'forbidden')),

  // Ways of sending it.
  sent('nothing', () => []),
  sent('another scheme', (f) => [['authorization', `Basic ${Buffer.from(`mallory:${f.token()}`).toString('base64')}`]]),
  ...['Token', 'JWT', 'DPoP', 'Digest', 'Negotiate', 'Bearer:', 'BearerX'].map((scheme) =>
    sent(`the scheme ${scheme}`, (f) => [['authorization', `${scheme} ${f.token()}`]])),
  sent('no scheme', (f) => [['authorization', f.token()]]),
  sent('no token', () => [['authorization', 'Bearer ']]),
  sent('a token in quotes', (f) => [['authorization', `Bearer "${f.token()}"`]]),
  sent('a tab for a space', (f) => [['authorization', `Bearer\t${f.token()}`]]),
  sent('two tokens', (f) => [['authorization', `Bearer ${f.token()} ${f.token()}`]]),
  sent('two tokens with a comma', (f) => [['authorization', `Bearer ${f.token()}, Bearer ${f.token()}`]]),
  sent('the same header twice', (f) => twice(`Bearer ${f.token()}`, `Bearer ${f.token()}`)),
  sent('a bad header, then a good one', (f) => twice('Bearer x', `Bearer ${f.token()}`)),
  sent('a good header, then a bad one', (f) => twice(`Bearer ${f.token()}`, 'Basic eDp4')),
  sent('headers of other names', (f) => [['x-authorization', `Bearer ${f.token()}`], ['proxy-authorization', `Bearer ${f.token()}`], ['x-api-key', f.token()]]),
  sent('a cookie', (f) => [['cookie', `access_token=${f.token()}; token=${f.token()}`]]),
  { ...sent('the query', () => []), query: (f) => ({ access_token: f.token(), token: f.token(), authorization: `Bearer ${f.token()}` }) },
];

function sent(name: string, headers: Mutant['headers']): Mutant {
  return { name: `sent as ${name}`, code: 'unauthorized', headers };
}

function bearer(name: string, token: (forge: Forge) => string, code: Mutant['code'] = 'unauthorized'): Mutant {
  return { name, code, headers: (forge) => [['authorization', `Bearer ${token(forge)}`]] };
}

/** One mutant per value of a claim. */
function claims(claim: string, ...values: unknown[]): Mutant[] {
  return values.map((value) => bearer(`${claim} ${String(JSON.stringify(value)).slice(0, 40)}`, (f) => f.token({ [claim]: value } satisfies Part)));
}

function twice(first: string, second: string): [string, string][] {
  return [['authorization', first], ['authorization', second]];
}

function unsigned(token: string): string {
  return token.slice(0, token.lastIndexOf('.') + 1);
}

function grafted(token: string, other: string): string {
  const [header, , signature] = token.split('.');
  return [header, other.split('.')[1], signature].join('.');
}
