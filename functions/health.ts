import { healthOrProblem } from '../src/http/endpoints/health.ts';
import { publicHandler } from '../src/http/handler.ts';
import { createReport } from '../src/runtime/report.ts';

/** Liveness, and problem documents for all that no route answers. */
export const handler = publicHandler({ report: createReport() }, healthOrProblem);
