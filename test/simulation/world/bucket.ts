import { createMemoryObjects, type MemoryObjects } from '../../../src/adapters/memory/objects.ts';
import type { ObjectPlace, Objects } from '../../../src/service/ports/objects.ts';
import type { Task } from '../core/task.ts';
import type { World } from './world.ts';

/** How the bucket says that an object came: soon, much later, twice, or not at all. */
export type ArrivalEvent = 'soon' | 'late' | 'twice' | 'never';

type Removed = { at: number; key: string; bytes: Uint8Array; contentType: string };

/** What lies below `incoming/` is dropped after so long (`lib/photo-bucket.ts`). */
const INCOMING_MS = 14 * 24 * 3600_000;

/** The objects of photos. A restore of the tables leaves them as they are. */
export class Bucket {
  readonly objects: MemoryObjects;
  onArrival: (id: string, event: ArrivalEvent) => void = () => {};
  /** Photos that phones are about to send. */
  underWay = 0;
  readonly #world: World;
  /** What was removed where nothing expires: versions that can be had back (runbook, Restore). */
  #removed: Removed[] = [];

  constructor(world: World) {
    this.#world = world;
    this.objects = createMemoryObjects({ now: () => world.now });
  }

  /** An object is there. `unchecked`: past what its link is for, as only a broken store would have it. */
  put(id: string, url: string, bytes: Uint8Array, contentType: string, event: ArrivalEvent, unchecked: boolean): boolean {
    if (unchecked) this.objects.place(`incoming/${id}`, bytes, contentType);
    else if (!this.objects.put(url, bytes, contentType)) return false;
    for (const watcher of this.#world.watchers) watcher.arrived?.(id, bytes, contentType);
    this.onArrival(id, event);
    return true;
  }

  has(place: ObjectPlace, id: string): boolean {
    return this.objects.keys().includes(`${place}/${id}`);
  }

  /** The port as one task has it: each request is a step. Links are signed by the function itself. */
  port(task: Task): Objects {
    const { objects } = this;
    return {
      linkToPut: (object, seconds) => objects.linkToPut(object, seconds),
      linkToGet: (object, seconds) => objects.linkToGet(object, seconds),
      look: (place, id) => task.step('objects.look', () => objects.look(place, id), (found) => `objects.look ${place}/${id} → ${found ? 'there' : 'nothing'}`),
      keep: (id) => task.step('objects.keep', () => objects.keep(id), (kept) => `objects.keep ${id} → ${kept}`),
      remove: (place, id) => task.step('objects.remove', () => this.#remove(place, id), () => `objects.remove ${place}/${id}`),
    };
  }

  async #remove(place: ObjectPlace, id: string): Promise<void> {
    const found = await this.objects.look(place, id);
    const bytes = this.objects.fetch((await this.objects.linkToGet({ place, id, contentType: '' }, 60)).url);
    if (place === 'photos' && found && bytes) this.#removed.push({ at: this.#world.now, key: `photos/${id}`, bytes, contentType: found.contentType });
    await this.objects.remove(place, id);
    for (const watcher of this.#world.watchers) watcher.removedObject?.(place, id);
  }

  /** Tables went back to that time: operators bring back what was removed since. */
  bringBack(time: number): void {
    for (const { at, key, bytes, contentType } of this.#removed) if (at > time) this.objects.place(key, bytes, contentType);
    this.#removed = this.#removed.filter(({ at }) => at <= time);
  }

  /** The lifecycle drops what is old where photos arrive. */
  async expire(): Promise<void> {
    for (const key of this.objects.keys().filter((name) => name.startsWith('incoming/'))) {
      const id = key.slice('incoming/'.length);
      const found = await this.objects.look('incoming', id);
      if (found && found.at + INCOMING_MS <= this.#world.now) await this.objects.remove('incoming', id);
    }
  }
}
