import type { Domain, EntityType } from '../engine/domain.ts';
import { profile } from './profile.ts';
import { report } from './report.ts';
import { scopesOf } from './scopes.ts';
import { task } from './task.ts';

/** To add an entity type: write its file, and name it here. */
const TYPES: readonly EntityType[] = [report, profile, task];

/** Civic reporting, the example domain: all that the sync engine knows of it. */
export const civic: Domain = {
  types: Object.fromEntries(TYPES.map((type) => [type.type, type])),
  scopesOf,
};
