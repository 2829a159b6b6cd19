import { fieldsyncReplication, fieldsyncSchema, type Checkpoint, type Doc, type RxDbOptions } from '@fieldsync/client/rxdb';
import type { RxCollection, RxDatabase } from 'rxdb';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { domain } from '../reports/domain.ts';

const schema = fieldsyncSchema('report', {
  title: { type: 'string' },
  description: { type: ['string', 'null'] },
  category: { type: 'string' },
  tags: { type: ['array', 'null'], items: { type: 'string' } },
  status: { type: 'string' },
});

/** Reports in RxDB. `say` tells the user what was not taken; call `reSync()` on the replication when the app comes back. */
export async function openReports(database: RxDatabase, api: Omit<RxDbOptions, 'domain' | 'type' | 'onVerdict'>, say: (text: string) => void) {
  const { reports } = (await database.addCollections({ reports: { schema } })) as unknown as { reports: RxCollection<Doc> };
  const replication = replicateRxCollection<Doc, Checkpoint>({
    ...fieldsyncReplication(reports, {
      ...api,
      domain,
      type: 'report',
      onVerdict: ({ result }) => say(result.error?.message ?? result.message),
    }),
    live: true,
  });
  return { reports, replication };
}
