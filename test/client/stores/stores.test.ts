import 'fake-indexeddb/auto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexedDbStore } from '../../../client/stores/indexeddb.ts';
import { memoryDisk, memoryStore } from '../../../client/stores/memory.ts';
import { sqliteStore } from '../../../client/stores/sqlite.ts';
import { openDatabase } from '../../../examples/node-script/open-database.ts';
import { storeContract } from './store-contract.ts';

storeContract('memory', async () => {
  const disk = memoryDisk();
  return { open: () => memoryStore(disk), wipe: async () => {} };
});

storeContract('SQLite, by the API of expo-sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fieldsync-store-'));
  return {
    open: () => sqliteStore(() => openDatabase(join(folder, 'fieldsync.db'))),
    wipe: () => rm(folder, { recursive: true }),
  };
});

// The same suite runs in a real Chromium: test/client/browser.
let databases = 0;
storeContract('IndexedDB', async () => {
  const name = `fieldsync-${++databases}`;
  return { open: () => indexedDbStore(name), wipe: async () => {} };
});
