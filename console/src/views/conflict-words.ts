import type { WireConflict } from '../../../src/protocol/conflict.ts';
import type { ConflictKind } from '../../../src/protocol/primitives.ts';

export const KINDS: Readonly<Record<ConflictKind, string>> = {
  update_update: 'Both changed it',
  update_delete: 'The phone changed what was deleted',
  delete_update: 'The phone deleted what was changed',
  create_create: 'Both created it',
};

/** A record as people know it: by its title or name, else by its number. */
export function nameOf({ entity_type: type, server_id: id, entity_id: own, record, server_data: server }: WireConflict): string {
  const title = [record?.['title'], record?.['name'], server?.['title']].find((value) => typeof value === 'string' && value !== '');
  return `${type} ${id ?? own}${typeof title === 'string' ? ` · ${title}` : ''}`;
}
