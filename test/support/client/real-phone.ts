import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createSync, type Sync } from '../../../client/src/create-sync.ts';
import type { Network } from '../../../client/src/network.ts';
import type { SyncOptions } from '../../../client/src/options.ts';
import { sqliteStore } from '../../../client/stores/sqlite.ts';
import type { TokenClaims } from '../../../local/token/local-issuer.ts';
import { domain } from '../../../examples/reports/domain.ts';
import { tokenFor } from '../people.ts';
import { openDatabase } from '../../../examples/node-script/open-database.ts';

/** A phone with an SQLite file and a network that can be cut, before the local stack. */
export class RealPhone {
  readonly deviceId = randomUUID();
  readonly folder: string;
  sync: Sync;
  /** Airplane mode. */
  offline = false;
  /** Answers of the next so many requests are lost after they took effect. */
  loseAnswers = 0;
  /** Of the next so many photos half goes out, and then the phone is in airplane mode. */
  cutPhotos = 0;
  requests = 0;
  readonly #options: SyncOptions;

  private constructor(folder: string, token: string, more: Partial<SyncOptions>) {
    this.folder = folder;
    this.#options = {
      baseUrl: inject('stack').url,
      token: async () => token,
      deviceId: this.deviceId,
      store: this.#store(),
      domain,
      network: this.#network(),
      start: 'manual',
      ...more,
    };
    this.sync = createSync(this.#options);
  }

  static async of(claims: TokenClaims, more: Partial<SyncOptions> = {}): Promise<RealPhone> {
    return new RealPhone(await mkdtemp(join(tmpdir(), 'fieldsync-phone-')), await tokenFor(claims), more);
  }

  /** The app is started again, after it was killed or beside another that still runs. */
  restart(): void {
    this.sync = createSync({ ...this.#options, store: this.#store() });
  }

  /** Syncs until nothing waits for an outcome. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const end = await this.sync.sync();
      if (!end.ok && end.halt !== 'overtaken') throw new Error(`${end.halt}: ${end.detail}`);
      if (end.ok && !end.queued && (await this.sync.status.get()).pending === 0) return;
      await new Promise((resolve) => setTimeout(resolve, end.ok ? 250 : Math.min(end.retryAfterMs ?? 250, 1000)));
    }
    throw new Error('There is still something pending.');
  }

  async dispose(): Promise<void> {
    await this.sync.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #store() {
    return sqliteStore(() => openDatabase(join(this.folder, 'fieldsync.db')));
  }

  #network(): Network {
    return {
      isOnline: () => !this.offline,
      fetch: async (url, request) => {
        if (this.offline) throw new TypeError('fetch failed');
        this.requests++;
        const response = await fetch(url, request);
        const text = await response.text();
        if (this.offline || this.loseAnswers-- > 0) throw new TypeError('fetch failed');
        return { status: response.status, headers: response.headers, text: async () => text };
      },
      send: async (url, { method, headers, body }, progress) => {
        if (this.offline) throw new TypeError('fetch failed');
        if (this.cutPhotos-- > 0) {
          progress(body.length / 2);
          await sendHalf(url, { ...headers, 'content-length': String(body.length) }, body.subarray(0, body.length / 2));
          this.offline = true;
          throw new TypeError('fetch failed');
        }
        const { status } = await fetch(url, { method, headers, body });
        progress(body.length);
        return status;
      },
    };
  }
}

/** Half of a body, and then nothing: the connection is gone. */
async function sendHalf(url: string, headers: Record<string, string>, half: Uint8Array): Promise<void> {
  const sending = request(url, { method: 'PUT', headers });
  sending.on('error', () => undefined);
  await new Promise<void>((resolve) => sending.write(half, () => resolve()));
  sending.destroy();
}
