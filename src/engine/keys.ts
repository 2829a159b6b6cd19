import type { ConflictRow, Scope } from './model.ts';

/** Key of a record within a scope: copies carry their home, so nobody can shadow another's record (design 5). */
export function recordKey(scope: Scope, home: Scope, type: string, entityId: string): string {
  const own = `${type}#${escaped(entityId)}`;
  return scope === home ? own : `${own}#${home}`;
}

/** Only what could end the id, or sorts before what follows it: a name in any script must fit a key of 1,024 bytes. */
function escaped(id: string): string {
  return id.replace(/[^&-\u{10ffff}]/gu, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** Names a record everywhere: in the inbox's headers, in pointers. */
export function globalKey(home: Scope, type: string, entityId: string): string {
  return recordKey('', home, type, entityId);
}

/** Key of an action's outcome in the planner's state. */
export function actionKey(user: string, clientId: string): string {
  return `${clientId}#${user}`;
}

/** Names the one open conflict that a device can have on a record. */
export function pointerKey(c: Pick<ConflictRow, 'user' | 'device' | 'home' | 'type' | 'entityId'>): string {
  return `${c.device}#${globalKey(c.home, c.type, c.entityId)}`;
}
