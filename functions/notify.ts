import { composeNotify } from '../src/runtime/compose-live.ts';

/** Pokes those who listen to a scope whose head moved, and every minute closes what has expired (design 4, Live). */
export const handler = composeNotify(process.env);
