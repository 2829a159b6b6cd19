import { indexedDbStore } from '../../../client/stores/indexeddb.ts';
import { runAll } from '../../support/client/browser-suite.ts';
import { storeContract } from '../stores/store-contract.ts';

let databases = 0;
storeContract('IndexedDB', async () => {
  const name = `fieldsync-${++databases}`;
  return { open: () => indexedDbStore(name), wipe: async () => void indexedDB.deleteDatabase(name) };
});

Object.assign(globalThis, { runAll });
