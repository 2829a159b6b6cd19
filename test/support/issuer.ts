import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

export type SigningKey = { alg: string; privateKey: CryptoKey; jwk: JWK };

export async function signingKey(alg: string, kid: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An issuer's JWKS on loopback, which a test can change, break, or stop. */
export class TestIssuer {
  readonly issuer = 'https://issuer.test';
  readonly audience = 'fieldsync';
  keys: SigningKey[];
  /** How it answers: as it should, with this status, with this text, or never. */
  mood: 'fine' | 'silent' | number | string = 'fine';
  /** Times that the set was asked for. */
  asked = 0;
  readonly #server: Server;

  private constructor(keys: SigningKey[], server: Server) {
    this.keys = keys;
    this.#server = server;
    server.on('request', (_request, response) => {
      this.asked += 1;
      if (this.mood === 'silent') return;
      response.statusCode = typeof this.mood === 'number' ? this.mood : 200;
      response.setHeader('location', '/elsewhere');
      response.end(typeof this.mood === 'string' && this.mood !== 'fine' ? this.mood : JSON.stringify({ keys: this.keys.map((key) => key.jwk) }));
    });
  }

  static async start(...keys: SigningKey[]): Promise<TestIssuer> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new TestIssuer(keys, server);
  }

  get trust() {
    const { port } = this.#server.address() as AddressInfo;
    return { issuer: this.issuer, audience: this.audience, jwksUrl: `http://127.0.0.1:${port}/jwks` };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  /** A token that is good for an hour from `nowMs`; `claims` replace its own, `undefined` removes. */
  async token(nowMs: number, claims: JWTPayload = {}, key: SigningKey | undefined = this.keys[0], header: Record<string, unknown> = {}): Promise<string> {
    if (!key) throw new Error('the issuer has no key');
    const iat = Math.floor(nowMs / 1000);
    const payload = { iss: this.issuer, aud: this.audience, sub: 'alice', role: 'citizen', iat, exp: iat + 3600, ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.jwk.kid ?? '', ...header }).sign(key.privateKey);
  }
}
