import { randomUUID } from 'node:crypto';
import { createSync } from '@fieldsync/client';
import { sqliteStore } from '@fieldsync/client/sqlite';
import { domain } from '../reports/domain.ts';
import { openDatabase } from './open-database.ts';

// A sensor that reports by itself: node main.ts <title>. What it could not send goes along the next time.
const { FIELDSYNC_URL = 'http://127.0.0.1:3000', FIELDSYNC_TOKEN = '', FIELDSYNC_DB = 'reports.db', FIELDSYNC_DEVICE = randomUUID() } = process.env;

const sync = createSync({
  baseUrl: FIELDSYNC_URL,
  token: async () => FIELDSYNC_TOKEN,
  deviceId: FIELDSYNC_DEVICE,
  store: sqliteStore(() => openDatabase(FIELDSYNC_DB)),
  domain,
  start: 'manual',
});

const title = process.argv[2];
if (title !== undefined) await sync.create('report', { title, category: 'roads' });
const end = await sync.sync();
const reports = await sync.list('report');
const { pending } = await sync.status.get();
process.stdout.write(`${JSON.stringify({ ok: end.ok, pending, titles: reports.map((report) => report['title']).sort() })}\n`);
await sync.close();
