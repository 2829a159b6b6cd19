import { getRecord } from '../../service/record.ts';
import type { Endpoint } from '../handler.ts';

/** `GET /sync/records/{entity_type}/{entity_id}`. */
export const oneRecord: Endpoint = async ({ deps, caller, event }) => {
  const { entity_type: type = '', entity_id: id = '' } = event.pathParameters ?? {};
  return { status: 200, body: await getRecord(deps, caller, type, id) };
};
