import { describe } from 'vitest';
import { createMemoryConnections } from '../../src/adapters/memory/connections.ts';
import { createMemoryPorts } from '../../src/adapters/memory/ports.ts';
import { TestClock } from '../../src/adapters/memory/test-clock.ts';
import { actionLogContract } from './action-log.ts';
import { attachmentStoreContract } from './attachment-store.ts';
import { connectionsContract } from './connections.ts';
import { conflictStoreContract } from './conflict-store.ts';
import { deviceStoreContract } from './device-store.ts';
import { entityStoreContract } from './entity-store.ts';
import { inboxContract } from './inbox.ts';
import { queueContract } from './queue.ts';
import { scopeLogContract } from './scope-log.ts';
import { usageStoreContract } from './usage-store.ts';

const fresh = () => createMemoryPorts({ clock: new TestClock() });

describe('in memory', () => {
  scopeLogContract(async () => fresh().log);
  entityStoreContract(async () => fresh().entities);
  actionLogContract(async () => fresh().actions);
  conflictStoreContract(async () => fresh().conflicts);
  inboxContract(async () => fresh().inbox);
  attachmentStoreContract(async () => fresh().attachments);
  deviceStoreContract(async () => fresh().devices);
  connectionsContract(async () => createMemoryConnections());
  usageStoreContract(async () => fresh().usage);
  queueContract(async () => {
    const { queue } = fresh();
    return { queue, receive: () => queue.receive(), delete: async (receipt) => void (await queue.delete(receipt)) };
  });
});
