import type { Claims, Scope } from '../engine/model.ts';

/** One person's data on all their devices. */
export function userScope(sub: string): Scope {
  return `user:${sub}`;
}

/** What the officers of a department share. */
export function departmentScope(slug: string): Scope {
  return `department:${slug}`;
}

/** Departments in the token of someone who is no officer give nothing. */
export function isOfficerOf(actor: Claims, department: unknown): boolean {
  return actor.role === 'officer' && actor.departments.some((slug) => slug === department);
}

/** Scopes that a token grants: one's own, and an officer's departments (P10). Admins see others' data by query only. */
export function scopesOf(claims: Claims): Scope[] {
  const departments = claims.role === 'officer' ? new Set(claims.departments) : [];
  return [userScope(claims.sub), ...[...departments].map(departmentScope)];
}
