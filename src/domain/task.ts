import type { EntityType, RecordView } from '../engine/domain.ts';
import type { Claims } from '../engine/model.ts';
import { counter, date, immutable, initially, oneOf, recordId, required, slug, string, subject, text } from './fields.ts';
import { departmentScope, isOfficerOf, userScope } from './scopes.ts';

const ASSIGNEES_FIELDS: ReadonlySet<string> = new Set(['status', 'notes', 'visits']);

function runs(actor: Claims, record: RecordView): boolean {
  return actor.departments.some((slug) => isOfficerOf(actor, slug) && record.home === departmentScope(slug));
}

/**
 * Work of a department. Its officers do with it what they like; who it is assigned to sees it too and keeps status,
 * notes and visits (protocol.md, civic example domain).
 */
export const task: EntityType = {
  type: 'task',
  collection: 'tasks',
  schemaVersion: 1,
  fields: {
    department: immutable(required(slug())),
    title: required(string(1, 200)),
    notes: text(5000),
    report_id: recordId(),
    assignee: subject(),
    status: initially('open', required(oneOf(['open', 'in_progress', 'done', 'cancelled']))),
    due_date: date(),
    visits: counter(),
  },
  actions: {
    create_task: { op: 'create', priority: 3, message: 'Task created successfully' },
    update_task: { op: 'update', priority: 4, message: 'Task updated successfully' },
    update_task_status: { op: 'update', priority: 2, message: 'Task status updated successfully', fields: ['status'] },
    delete_task: { op: 'delete', priority: 5, message: 'Task deleted successfully' },
  },
  homeOf: (_actor, data) => (typeof data['department'] === 'string' ? departmentScope(data['department']) : undefined),
  audienceOf: (fields) => (typeof fields['assignee'] === 'string' ? [userScope(fields['assignee'])] : []),
  mayCreate: (actor, fields) => isOfficerOf(actor, fields['department']),
  editable: (actor, record) => {
    if (runs(actor, record)) return 'all';
    return record.fields['assignee'] === actor.sub ? ASSIGNEES_FIELDS : new Set();
  },
  mayDelete: runs,
};
