import type { EntityType } from '../engine/domain.ts';
import { fault } from '../engine/validate.ts';
import type { JsonObject } from '../protocol/json.ts';
import { attachments, initially, numberBetween, oneOf, required, setOf, slug, string, text } from './fields.ts';
import { departmentScope, isOfficerOf, userScope } from './scopes.ts';

const OFFICERS_FIELDS = new Set(['status', 'resolution_note']);

const FIELDS = {
  title: required(string(1, 200)),
  description: text(5000),
  category: required(slug()),
  latitude: numberBetween(-90, 90),
  longitude: numberBetween(-180, 180),
  photos: attachments(10),
  tags: setOf(20, string(1, 50)),
  status: initially('received', required(oneOf(['received', 'in_progress', 'resolved', 'dismissed']))),
  resolution_note: string(0, 5000),
};

const AUTHORS_FIELDS: ReadonlySet<string> = new Set(Object.keys(FIELDS).filter((field) => !OFFICERS_FIELDS.has(field)));

/**
 * What a citizen reports. It lives with its author and is shared with the department of its category, so that a change
 * of category moves it to another department. Officers of that department work on it (protocol.md, civic example domain).
 */
export const report: EntityType = {
  type: 'report',
  collection: 'reports',
  schemaVersion: 2,
  fields: FIELDS,
  actions: {
    create_report: { op: 'create', priority: 3, message: 'Report created successfully' },
    update_report: { op: 'update', priority: 4, message: 'Report updated successfully' },
    delete_report: { op: 'delete', priority: 5, message: 'Report deleted successfully' },
  },
  upcast: (data, from) => (from === 1 ? fromVersion1(data) : undefined),
  homeOf: (actor) => userScope(actor.sub),
  audienceOf: (fields) => (typeof fields['category'] === 'string' ? [departmentScope(fields['category'])] : []),
  mayCreate: () => true,
  editable: (actor, record) => {
    const author = record.home === userScope(actor.sub);
    const officer = isOfficerOf(actor, record.fields['category']);
    if (author) return officer ? 'all' : AUTHORS_FIELDS;
    return officer ? OFFICERS_FIELDS : new Set();
  },
  notAtCreation: OFFICERS_FIELDS,
  mayDelete: (actor, record) => record.home === userScope(actor.sub),
  checkChange: (before, after) =>
    before && before['status'] !== 'received' && after['status'] === 'received'
      ? [fault('status', 'status_step', 'A report that was taken up cannot go back to "received".')]
      : [],
};

/** Version 1 sent the place as `lat` and `lng`. What is sent under both names counts under the new one. */
function fromVersion1({ lat, lng, ...data }: JsonObject): JsonObject {
  return { ...(lat === undefined ? {} : { latitude: lat }), ...(lng === undefined ? {} : { longitude: lng }), ...data };
}
