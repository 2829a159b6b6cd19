import type { RawRequest, TokenRoute } from '../edge.ts';
import type { Forge } from './forge.ts';
import type { Mutant } from './mutants.ts';

/** A request that would be good but for its credentials. */
export function attempt(route: TokenRoute, mutant: Mutant, forge: Forge): RawRequest {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern.replace('{entity_type}', 'report').replace('{entity_id}', 'r-1').replace('{attachment_id}', 'a-1');
  const query = { device_id: 'phone', client_ids: 'a', entity_id: 'r-1', ...mutant.query?.(forge) };
  const body = method === 'POST' ? Buffer.from(JSON.stringify(bodyOf(route))) : undefined;
  const type: [string, string][] = body ? [['content-type', 'application/json']] : [];
  return { method, target: `${path}?${new URLSearchParams(query).toString()}`, headers: [...type, ...mutant.headers(forge)], body };
}

function bodyOf(route: TokenRoute): object {
  if (route.endsWith('/query')) return { query: 'overview' };
  if (route.endsWith('/redrive')) return { all: true };
  if (route.endsWith('/attachments')) return { client_id: 'a', content_type: 'image/jpeg', size: 3, sha256: 'a'.repeat(64) };
  if (route.endsWith('/resolve-conflict')) return { conflict_id: 'c-1' };
  return { device_id: 'phone', actions: [{ client_id: 'a', action_type: 'update_profile', entity_type: 'profile', data: { name: 'Mallory' } }] };
}
