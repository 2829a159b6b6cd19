import type { Sync } from '@fieldsync/client';
import { fieldsyncCollection } from '@fieldsync/client/tanstack-db';
import { createCollection } from '@tanstack/db';

export type Report = { title: string; category: string; status?: string };

/** Reports as a collection for live queries, over the SDK's store and queue. */
export function openReports(sync: Sync) {
  return createCollection(fieldsyncCollection<Report>(sync, 'report'));
}
