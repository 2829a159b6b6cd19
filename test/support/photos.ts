import { createHash } from 'node:crypto';
import { createMemoryObjects, type MemoryObjects } from '../../src/adapters/memory/objects.ts';
import { actorOf } from '../../src/engine/domain.ts';
import type { Claims } from '../../src/engine/model.ts';
import type { AttachmentResponse } from '../../src/protocol/attachment.ts';
import { announce } from '../../src/service/attachments/announce.ts';
import { check, checkDue } from '../../src/service/attachments/check.ts';
import { linkTo } from '../../src/service/attachments/link.ts';
import type { Deps } from '../../src/service/deps.ts';
import type { World } from './world.ts';

/** A photo of that many bytes, never the same for two seeds. */
export function photo(seed: string, size = 100): Buffer {
  const bytes = Buffer.alloc(size, seed);
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), bytes]).subarray(0, size);
}

export function announcement(clientId: string, bytes: Uint8Array) {
  return { client_id: clientId, content_type: 'image/jpeg' as const, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Attachments of an in-memory world: what the two functions for them do. */
export class PhotoDesk {
  readonly objects: MemoryObjects;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.objects = createMemoryObjects(world.clock);
  }

  announce(claims: Claims, clientId: string, bytes: Uint8Array, deps: Deps = this.#world.deps): Promise<AttachmentResponse> {
    return announce(deps, this.objects, actorOf(deps.engine.domain, claims), announcement(clientId, bytes));
  }

  /** Sends the bytes to the link of the answer. */
  send({ upload }: AttachmentResponse, bytes: Uint8Array): boolean {
    return upload !== null && this.objects.put(upload.url, bytes, 'image/jpeg');
  }

  /** The event of an arrival. */
  arrived(id: string, deps: Deps = this.#world.deps): Promise<void> {
    return check(deps, this.objects, id);
  }

  /** The minute's run. */
  sweep(deps: Deps = this.#world.deps): Promise<{ checked: number; failed: number }> {
    return checkDue(deps, this.objects);
  }

  /** The bytes as these people see them through a link; nothing where they are told 404. */
  async see(claims: Claims, id: string, entityId: string): Promise<Uint8Array | undefined> {
    const { deps } = this.#world;
    try {
      const { url } = await linkTo(deps, this.objects, actorOf(deps.engine.domain, claims), id, entityId);
      return this.objects.fetch(url);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}
