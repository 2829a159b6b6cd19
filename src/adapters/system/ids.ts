import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Ids } from '../../service/ports/ids.ts';

/** Random ids from the system's source. Hashes are 128 bits of SHA-256, 22 characters of base64url. */
export const systemIds: Ids = {
  uuid: () => randomUUID(),
  random: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  hash: (text) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url'),
};
