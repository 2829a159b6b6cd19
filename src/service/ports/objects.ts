import type { AttachmentRow } from './attachment-store.ts';

/** Where an object lies: where phones put it, or where it stays. */
export type ObjectPlace = 'incoming' | 'photos';

export type SignedLink = { url: string; method: 'PUT' | 'GET'; headers: Record<string, string>; expiresAt: number };

/** The objects of attachments (S3). */
export type Objects = {
  /** A link to put just these bytes: their length, type and SHA-256 are part of its signature. */
  linkToPut(object: Pick<AttachmentRow, 'id' | 'contentType' | 'size' | 'sha256'>, seconds: number): Promise<SignedLink>;
  linkToGet(object: { place: ObjectPlace; id: string; contentType: string }, seconds: number): Promise<SignedLink>;
  /** What lies there, if anything. `sha256` in base64, as the store computed it. */
  look(place: ObjectPlace, id: string): Promise<{ size: number; contentType: string; sha256: string; at: number } | undefined>;
  /** Copies from `incoming` to `photos`. False: there is nothing to copy. */
  keep(id: string): Promise<boolean>;
  /** Removes what lies there, if anything. */
  remove(place: ObjectPlace, id: string): Promise<void>;
};
