import { sees } from '../engine/domain.ts';
import type { Actor, EntityRow, Scope } from '../engine/model.ts';

/** The granted scope through which the viewer sees a home row; nothing when none shows it (P10). */
export function seenIn(viewer: Actor, row: EntityRow): Scope | undefined {
  if (!sees(viewer, row)) return undefined;
  return viewer.scopes.includes(row.home) ? row.home : row.audience.find((scope) => viewer.scopes.includes(scope));
}
