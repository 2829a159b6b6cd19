import { downloadQuery } from '../../protocol/download.ts';
import { download } from '../../service/download.ts';
import type { Endpoint } from '../handler.ts';
import { queryOf } from '../validate.ts';

/** `GET /sync/download`. */
export const downloadChanges: Endpoint = async ({ deps, caller, event }) => ({
  status: 200,
  body: await download(deps, caller, queryOf(downloadQuery, event)),
});
