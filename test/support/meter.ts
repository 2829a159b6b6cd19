import type { EntityType } from '../../src/engine/domain.ts';
import { counter, immutable, numberBetween, required, slug, string, subject, text } from '../../src/domain/fields.ts';
import { departmentScope, isOfficerOf, userScope } from '../../src/domain/scopes.ts';

const READERS_FIELDS = new Set(['reading', 'notes', 'visits']);

/** A water meter: it lives with its department, and whoever is to read it sees it too. */
export const meter: EntityType = {
  type: 'meter',
  collection: 'meters',
  schemaVersion: 1,
  fields: {
    department: immutable(required(slug())),
    serial: required(string(1, 40)),
    reader: subject(),
    reading: { ...numberBetween(0, 999_999), merge: 'max' },
    notes: text(2000),
    visits: counter(),
  },
  actions: {
    create_meter: { op: 'create', priority: 3, message: 'Meter created' },
    read_meter: { op: 'update', priority: 2, message: 'Reading saved', fields: ['reading', 'notes', 'visits'] },
    delete_meter: { op: 'delete', priority: 5, message: 'Meter deleted' },
  },
  homeOf: (_actor, data) => (typeof data['department'] === 'string' ? departmentScope(data['department']) : undefined),
  audienceOf: (fields) => (typeof fields['reader'] === 'string' ? [userScope(fields['reader'])] : []),
  mayCreate: (actor, fields) => isOfficerOf(actor, fields['department']),
  editable: (actor, meter) => {
    if (isOfficerOf(actor, meter.fields['department'])) return 'all';
    return meter.fields['reader'] === actor.sub ? READERS_FIELDS : new Set();
  },
  mayDelete: (actor, meter) => isOfficerOf(actor, meter.fields['department']),
};
