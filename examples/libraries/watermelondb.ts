import { FIELDSYNC_COLUMNS, fieldsyncSync, type WatermelonOptions } from '@fieldsync/client/watermelondb';
import { appSchema, tableSchema, type Database } from '@nozbe/watermelondb';
import { synchronize } from '@nozbe/watermelondb/sync/index.js';
import { domain } from '../reports/domain.ts';

const text = (name: string) => ({ name, type: 'string' as const, isOptional: true });
const number = (name: string) => ({ name, type: 'number' as const, isOptional: true });

/** Columns named as the type's fields, and Fieldsync's own. Sets are JSON text. */
export const schema = appSchema({
  version: 1,
  tables: [
    tableSchema({
      name: 'reports',
      columns: [
        ...['title', 'description', 'category', 'photos', 'tags', 'status', 'resolution_note'].map(text),
        ...['latitude', 'longitude'].map(number),
        ...FIELDSYNC_COLUMNS,
      ],
    }),
  ],
});

/** Syncs the database; once more where something is to be undone. */
export function reportsSync(database: Database, api: Omit<WatermelonOptions, 'database' | 'domain' | 'tables' | 'json' | 'onVerdict'>, say: (text: string) => void) {
  const { pending, ...args } = fieldsyncSync({
    ...api,
    database,
    domain,
    tables: { report: 'reports' },
    json: ['photos', 'tags'],
    onVerdict: ({ result }) => say(result.error?.message ?? result.message),
  });
  return async (): Promise<void> => {
    await synchronize(args);
    if ((await pending()) > 0) await synchronize(args);
  };
}
