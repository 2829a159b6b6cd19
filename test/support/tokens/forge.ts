import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';

/** What a token says: text is taken as it is, so that it need not be JSON. */
export type Part = Readonly<Record<string, unknown>> | string;

/** Makes good tokens of an issuer, and anything that looks like one. */
export class Forge {
  readonly issuer: string;
  readonly audience: string;
  /** Seconds since 1970. */
  readonly now: number;
  readonly kid: string;
  /** As the issuer publishes it. */
  readonly publicJwk: JWK;
  readonly #key: KeyObject;
  readonly #stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  /** `key`: the issuer's private ES256 key. */
  constructor(trust: { issuer: string; audience: string }, key: JWK, nowMs: number) {
    this.issuer = trust.issuer;
    this.audience = trust.audience;
    this.now = Math.floor(nowMs / 1000);
    this.kid = key.kid ?? '';
    const { d: _private, ...published } = key;
    this.publicJwk = published;
    this.#key = createPrivateKey({ format: 'jwk', key });
  }

  get header(): Readonly<Record<string, unknown>> {
    return { alg: 'ES256', kid: this.kid, typ: 'JWT' };
  }

  get claims(): Readonly<Record<string, unknown>> {
    return { iss: this.issuer, aud: this.audience, sub: 'mallory', role: 'admin', iat: this.now - 10, exp: this.now + 3600 };
  }

  /** A key pair that the issuer does not know. */
  get strangersJwk(): JWK {
    return this.#stranger.publicKey.export({ format: 'jwk' }) as JWK;
  }

  get publicPem(): string {
    return createPublicKey({ format: 'jwk', key: this.publicJwk }).export({ format: 'pem', type: 'spki' }) as string;
  }

  /** Signed by the issuer: `claims` and `header` replace members of good ones (undefined removes), or all of them. */
  token(claims: Part = {}, header: Part = {}): string {
    return this.#jws(header, claims, (input) => ecdsa(input, this.#key));
  }

  /** Signed by a stranger. */
  strange(claims: Part = {}, header: Part = {}): string {
    return this.#jws(header, claims, (input) => ecdsa(input, this.#stranger.privateKey));
  }

  /** With a shared secret. */
  hmac(secret: string | Buffer, header: Part = {}, hash = 'sha256'): string {
    return this.#jws({ alg: 'HS256', ...(header as object) }, {}, (input) => createHmac(hash, secret).update(input).digest());
  }

  /** With a signature made of the good one. */
  signed(by: (good: Buffer, input: string) => Buffer, header: Part = {}): string {
    return this.#jws(header, {}, (input) => by(ecdsa(input, this.#key), input));
  }

  /** In the encoding of X.509 instead of JOSE's. */
  derSignature(input: string): Buffer {
    return sign('sha256', Buffer.from(input), this.#key);
  }

  #jws(header: Part, claims: Part, signature: (input: string) => Buffer): string {
    const input = `${encoded(header, this.header)}.${encoded(claims, this.claims)}`;
    return `${input}.${signature(input).toString('base64url')}`;
  }
}

function ecdsa(input: string, key: KeyObject): Buffer {
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

function encoded(part: Part, good: object): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify({ ...good, ...part })).toString('base64url');
}
