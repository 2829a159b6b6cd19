import { composeDeadLetter } from '../src/runtime/compose-background.ts';

/** Settles what the work queue gave up on: finished, pending again, or dead (design 4, Dead letters). */
export const handler = composeDeadLetter(process.env);
