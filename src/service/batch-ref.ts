import type { Owner } from './ports/inbox.ts';

/**
 * Names a batch among all devices' batches: what admins see as `batch_id`. Tells its own owner, so that a redrive needs
 * nothing else. base64url of compact JSON.
 */
export function batchRef(owner: Owner, batchId: string): string {
  return Buffer.from(JSON.stringify([owner.user, owner.device, batchId])).toString('base64url');
}

/** Reads a `batch_id`; nothing when it is not one of ours. It need not name a batch that exists. */
export function readBatchRef(ref: string): { owner: Owner; batchId: string } | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(ref, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [user, device, batchId] = parts as unknown[];
  if (!isName(user) || !isName(device) || !isName(batchId)) return undefined;
  // One name per batch: what decodes leniently, or holds more, is refused.
  return batchRef({ user, device }, batchId) === ref ? { owner: { user, device }, batchId } : undefined;
}

/** May be part of a key. */
function isName(part: unknown): part is string {
  return typeof part === 'string' && part !== '' && part.isWellFormed();
}
