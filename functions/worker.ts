import { composeWorker } from '../src/runtime/compose-background.ts';

/** Applies queued batches to the logs of their scopes, and notes to audiences (design 4, Worker and Audience). */
export const handler = composeWorker(process.env);
