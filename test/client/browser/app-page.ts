import { createSync } from '../../../client/index.ts';
import { indexedDbStore } from '../../../client/stores/indexeddb.ts';
import { domain } from '../../../examples/reports/domain.ts';

// What a web app's page does; the test calls it from outside.
Object.assign(globalThis, {
  open: (baseUrl: string, token: string) => {
    const sync = createSync({ baseUrl, token: async () => token, deviceId: 'browser', store: indexedDbStore('fieldsync'), domain });
    Object.assign(globalThis, { sync });
  },
});
