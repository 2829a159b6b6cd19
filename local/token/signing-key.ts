import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { StartProblem } from '../start-problem.ts';

export const ALGORITHM = 'ES256';

/**
 * The private key of the local issuer, kept in the data folder. Whoever comes first makes it, the stack or the token
 * command; it appears under its name complete and only once, however many try at the same time.
 */
export async function signingKey(dataDir: string): Promise<JWK> {
  const file = join(dataDir, 'signing-key.json');
  const found = read(file);
  if (found !== undefined) return found;

  mkdirSync(dataDir, { recursive: true });
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk: JWK = { ...await exportJWK(privateKey), kid: randomUUID(), alg: ALGORITHM, use: 'sig' };
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
    return jwk;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return read(file)!;
  } finally {
    unlinkSync(draft);
  }
}

function read(file: string): JWK | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as JWK;
  } catch {
    throw new StartProblem(`${file} is damaged. Delete it: a new key is made, and tokens signed so far stop working.`);
  }
}

/** What others may know of the key. */
export function publicJwk({ d: _private, ...rest }: JWK): JWK {
  return rest;
}
