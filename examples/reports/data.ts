import { createSync, type Sync, type SyncRecord } from '@fieldsync/client';
import { sqliteStore } from '@fieldsync/client/sqlite';
import { randomUUID } from 'expo-crypto';
import { addNetworkStateListener } from 'expo-network';
import { openDatabaseAsync } from 'expo-sqlite';
import { domain } from './domain.ts';

export type Report = { title: string; category: string; description?: string | null; tags?: string[]; status?: string };

/** As it is on the screen: with `entity_id`, its number `id` once it has one, `sync_status`, … */
export type ShownReport = SyncRecord<Report>;

/** The app's data: made once, when its user is known. One database per user. */
export function openData(user: { id: string; deviceId: string; token: () => Promise<string> }, baseUrl: string): Sync {
  return createSync({
    baseUrl,
    token: user.token,
    deviceId: user.deviceId,
    store: sqliteStore(() => openDatabaseAsync(`fieldsync-${encodeURIComponent(user.id)}.db`, { useNewConnection: true })),
    domain,
    network: {
      fetch: (url, request) => fetch(url, request),
      onChange(listener) {
        const subscription = addNetworkStateListener(({ isConnected }) => listener(isConnected !== false));
        return () => subscription.remove();
      },
    },
    uuid: randomUUID,
  });
}

/** What the screen "My reports" does. */
export function myReports(sync: Sync) {
  return {
    watch: (show: (reports: ShownReport[]) => void) => sync.watch<Report>('report', { orderBy: 'created_at', descending: true }, show),
    report: (report: Report) => sync.create('report', report),
    rename: (id: string, title: string) => sync.update('report', id, { title }),
    tag: (id: string, tag: string) => sync.update('report', id, { tags: { $add: [tag] } }),
    remove: (id: string) => sync.delete('report', id),
  };
}

/** The line under the title bar. */
export function watchIndicator(sync: Sync, show: (text: string) => void): () => void {
  return sync.status.watch(({ online, syncing, pending, failed, conflicts, health }) => {
    if (health === 'signed_out') return show('Please sign in again');
    if (conflicts > 0) return show(`${conflicts} to decide`);
    if (failed > 0) return show(`${failed} not accepted`);
    if (pending > 0) return show(online ? `Sending ${pending} …` : `${pending} waiting for a network`);
    return show(syncing ? 'Syncing …' : 'All saved');
  });
}

/** What a screen for a conflict needs: both sides of each contested field, and the three ways out. */
export async function conflictScreens(sync: Sync) {
  return (await sync.conflicts.list()).map(({ conflict }) => ({
    title: `${conflict.entity_type} ${conflict.server_id ?? ''}`,
    fields: conflict.conflicting_fields.map((field) => ({
      field,
      mine: conflict.client_data?.[field] ?? null,
      theirs: conflict.server_data?.[field] ?? null,
    })),
    keepMine: () => sync.conflicts.resolve(conflict.id, { strategy: 'client_wins' }),
    keepTheirs: () => sync.conflicts.resolve(conflict.id, { strategy: 'server_wins' }),
    edit: (data: Record<string, string>) => sync.conflicts.resolve(conflict.id, { strategy: 'manual', data }),
  }));
}
