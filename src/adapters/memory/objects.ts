import { createHash } from 'node:crypto';
import type { Clock } from '../../service/ports/clock.ts';
import type { Objects } from '../../service/ports/objects.ts';

export type MemoryObjects = Objects & {
  /** As who has the link would: false if it has run out, or for bytes that the link is not for. */
  put(url: string, bytes: Uint8Array, contentType: string): boolean;
  /** What a link to see gives, if anything. */
  fetch(url: string): Uint8Array | undefined;
  /** Puts something past all links, as only a broken store would have it. */
  place(key: string, bytes: Uint8Array, contentType: string): void;
  /** Keys of all objects, such as `incoming/<id>`. */
  keys(): string[];
};

/** Objects in memory, with links that hold what a signature would. */
export function createMemoryObjects(clock: Pick<Clock, 'now'>): MemoryObjects {
  const objects = new Map<string, { bytes: Uint8Array; contentType: string; at: number }>();
  const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');
  const link = (key: string, seconds: number, more: object) => {
    const expiresAt = clock.now() + seconds * 1000;
    return { url: `memory:${JSON.stringify({ key, expiresAt, ...more })}`, expiresAt };
  };
  const read = (url: string) =>
    JSON.parse(url.slice('memory:'.length)) as { key: string; expiresAt: number; size?: number; contentType?: string; sha256?: string };

  return {
    async linkToPut({ id, contentType, size, sha256 }, seconds) {
      return { ...link(`incoming/${id}`, seconds, { contentType, size, sha256 }), method: 'PUT', headers: { 'content-type': contentType } };
    },
    async linkToGet({ place, id }, seconds) {
      return { ...link(`${place}/${id}`, seconds, {}), method: 'GET', headers: {} };
    },
    async look(place, id) {
      const object = objects.get(`${place}/${id}`);
      return object && { size: object.bytes.length, contentType: object.contentType, sha256: sha256Of(object.bytes), at: object.at };
    },
    async keep(id) {
      const object = objects.get(`incoming/${id}`);
      if (object) objects.set(`photos/${id}`, object);
      return object !== undefined;
    },
    async remove(place, id) {
      objects.delete(`${place}/${id}`);
    },
    put(url, bytes, contentType) {
      const { key, expiresAt, ...bound } = read(url);
      const fits = bound.size === bytes.length && bound.contentType === contentType && bound.sha256 === sha256Of(bytes);
      if (clock.now() > expiresAt || !fits) return false;
      objects.set(key, { bytes, contentType, at: clock.now() });
      return true;
    },
    fetch(url) {
      const { key, expiresAt } = read(url);
      return clock.now() > expiresAt ? undefined : objects.get(key)?.bytes;
    },
    place(key, bytes, contentType) {
      objects.set(key, { bytes, contentType, at: clock.now() });
    },
    keys: () => [...objects.keys()].sort(),
  };
}
