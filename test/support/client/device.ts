import { createSync, type Sync } from '../../../client/src/create-sync.ts';
import type { SyncOptions } from '../../../client/src/options.ts';
import type { Store } from '../../../client/src/store.ts';
import { memoryDisk, memoryStore, type MemoryDisk } from '../../../client/stores/memory.ts';
import { civic } from '../../../src/domain/civic.ts';
import type { Claims } from '../../../src/engine/model.ts';
import { tokenOf, type Backend } from './backend.ts';

export type DeviceOptions = Partial<SyncOptions> & { disk?: MemoryDisk; wrap?: (store: Store) => Store };

/** A phone of that user before that backend. Cycles run only when the test says so; its clock is the backend's. */
export class Device {
  readonly disk: MemoryDisk;
  readonly options: SyncOptions;
  offline = false;
  sync: Sync;
  readonly #wrap: (store: Store) => Store;

  constructor(backend: Backend, claims: Claims, deviceId: string, { disk = memoryDisk(), wrap = (store) => store, ...more }: DeviceOptions = {}) {
    this.disk = disk;
    this.#wrap = wrap;
    this.options = {
      baseUrl: 'http://backend.invalid/',
      token: async () => tokenOf(claims),
      deviceId,
      store: wrap(memoryStore(disk)),
      domain: civic,
      network: backend.network(() => this.offline),
      start: 'manual',
      now: () => backend.world.clock.now(),
      uuid: () => backend.world.ports.ids.uuid(),
      ...more,
    };
    this.sync = createSync(this.options);
  }

  /** The app is killed and started again: nothing is left but what is on the disk. */
  restart(more: Partial<SyncOptions> = {}): void {
    this.sync = createSync({ ...this.options, store: this.#wrap(memoryStore(this.disk)), ...more });
  }

  /** Another tab, on this store. */
  tabOn(store: Store): Sync {
    return createSync({ ...this.options, store });
  }

  /** Syncs, and expects that it went well. */
  async synced(): Promise<void> {
    const end = await this.sync.sync();
    if (!end.ok) throw new Error(`${end.halt}: ${end.detail}`);
  }
}
