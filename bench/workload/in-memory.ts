import { compareLines } from '../../src/adapters/diff3/compare-lines.ts';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import { createMemoryPorts } from '../../src/adapters/memory/ports.ts';
import { TestClock } from '../../src/adapters/memory/test-clock.ts';
import { Phone, type UploadBody } from '../../local/demo/phone.ts';
import { civic } from '../../src/domain/civic.ts';
import { actorOf } from '../../src/engine/domain.ts';
import type { Claims } from '../../src/engine/model.ts';
import type { DownloadQuery } from '../../src/protocol/download.ts';
import type { Deps } from '../../src/service/deps.ts';
import { download } from '../../src/service/download.ts';
import { upload } from '../../src/service/upload.ts';
import { work } from '../../src/service/worker.ts';

/** The whole backend in this process, without any service: what is left is our own work. */
export type InMemory = {
  phone(claims: Claims, deviceId: string): Phone;
  /** Applies all that was sent. */
  settle(): Promise<void>;
};

export function createInMemory(): InMemory {
  const clock = new TestClock({ auto: true });
  const ports = createMemoryPorts({ clock });
  const deps: Deps = { ...ports, epoch: 0, engine: { domain: civic, compareLines, conflictIdOf: (user, id) => ports.ids.hash(`${user} ${id}`) } };
  const { uuid } = createMemoryIds(7);
  return {
    phone(claims, deviceId) {
      const actor = actorOf(civic, claims);
      const server = {
        upload: async (envelope: UploadBody) =>
          (await upload(deps, actor, { envelope: structuredClone(envelope), guardFaults: [], waitMs: 0, representation: false })).body,
        download: (query: DownloadQuery) => download(deps, actor, query),
      };
      return new Phone(server, { deviceId, limit: 1000, uuid, now: () => clock.now() });
    },
    async settle() {
      for (;;) {
        const received = await ports.queue.receive(10);
        if (received.length === 0) return;
        const messages = received.map(({ receipt, receives, message }) => ({ id: receipt, receipt, receiveCount: receives, body: message }));
        const { failed } = await work(deps, messages, () => 30_000);
        if (failed.length > 0) throw new Error('the worker failed');
        for (const { receipt } of received) await ports.queue.delete(receipt);
      }
    },
  };
}
