import type { EntityType } from '../engine/domain.ts';
import { boolean, language, string } from './fields.ts';
import { userScope } from './scopes.ts';

/** What a user says about themselves: one record, made on first use, for nobody else (protocol.md, civic example domain). */
export const profile: EntityType = {
  type: 'profile',
  collection: 'profile',
  schemaVersion: 1,
  fields: {
    name: string(1, 200),
    phone: string(1, 40),
    language: language(),
    home_area: string(1, 200),
    notifications: boolean(),
  },
  actions: {
    update_profile: { op: 'upsert', priority: 6, message: 'Profile updated successfully' },
  },
  singletonId: (actor) => actor.sub,
  homeOf: (actor) => userScope(actor.sub),
  audienceOf: () => [],
  mayCreate: () => true,
  editable: (actor, record) => (record.home === userScope(actor.sub) ? 'all' : new Set()),
  mayDelete: () => false,
};
