import { documentation } from '../src/http/endpoints/docs.ts';
import { publicHandler } from '../src/http/handler.ts';
import { Site } from '../src/http/site.ts';
import { createReport } from '../src/runtime/report.ts';

/** The OpenAPI document, and the pages that show it: files beside this function's code. */
export const handler = publicHandler({ report: createReport() }, documentation(new Site(process.env['LAMBDA_TASK_ROOT'] ?? '')));
