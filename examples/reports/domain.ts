import type { PhoneDomain } from '@fieldsync/client';

/** What this app knows of the civic example domain (docs/protocol.md): its types, their fields and actions. */
export const domain: PhoneDomain = {
  types: {
    report: {
      collection: 'reports',
      schemaVersion: 2,
      fields: {
        title: { kind: 'scalar' },
        description: { kind: 'text', merge: 'text' },
        category: { kind: 'scalar' },
        latitude: { kind: 'scalar' },
        longitude: { kind: 'scalar' },
        photos: { kind: 'set', merge: 'union', attachments: true },
        tags: { kind: 'set', merge: 'union' },
        status: { kind: 'scalar', initial: 'received' },
        resolution_note: { kind: 'scalar' },
      },
      actions: { create_report: { op: 'create' }, update_report: { op: 'update' }, delete_report: { op: 'delete' } },
    },
    profile: {
      collection: 'profile',
      singletonId: true,
      fields: {
        name: { kind: 'scalar' },
        phone: { kind: 'scalar' },
        language: { kind: 'scalar' },
        home_area: { kind: 'scalar' },
        notifications: { kind: 'scalar' },
      },
      actions: { update_profile: { op: 'upsert' } },
    },
    task: {
      collection: 'tasks',
      fields: {
        department: { kind: 'scalar' },
        title: { kind: 'scalar' },
        notes: { kind: 'text', merge: 'text' },
        report_id: { kind: 'scalar' },
        assignee: { kind: 'scalar' },
        status: { kind: 'scalar', initial: 'open' },
        due_date: { kind: 'scalar' },
        visits: { kind: 'counter', initial: 0 },
      },
      actions: {
        create_task: { op: 'create' },
        update_task: { op: 'update' },
        update_task_status: { op: 'update', fields: ['status'] },
        delete_task: { op: 'delete' },
      },
    },
  },
};
